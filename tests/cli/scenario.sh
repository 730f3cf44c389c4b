# explain, schema, init, validate, dry runs.
# shellcheck shell=bash disable=SC2154

# Every word of the schema can be explained, and the explanation begins with it.
"$program" schema >schema.json
checks words <schema.json >words
check "scenario: the schema has hundreds of words" '[ "$(wc -l <words)" -gt 200 ]'
missing=
while read -r word; do
    "$program" explain "$word" >"$tmp/out" 2>"$tmp/err" || missing="$missing $word"
    [ "$(head -n 1 "$tmp/out" | cut -d: -f1)" = "$word" ] || missing="$missing $word"
done <words
command="explain WORD, for every word of the schema"
check "scenario: explain knows every one$missing" '[ -z "$missing" ]'
chaland explain --all
check "scenario: explain --all tells where every default comes from" \
    '[ $status = 0 ] && [ "$(grep -c "^  default: " "$tmp/out")" = "$(grep -cE "^  origin:  (sourced|assumed|chosen)" "$tmp/out")" ] && [ "$(grep -c "^  default: " "$tmp/out")" -gt 150 ]'
chaland explain
check "scenario: explain alone is an index" '[ $status = 0 ] && told "consent " && told "net_sales" && told "chaland explain --all"'
chaland explain wishlist.pool.commission
check "scenario: explain a parameter" '[ $status = 0 ] && told "default: 8 %" && told "sourced: " && ! told "here:"'
chaland explain wishlist.pool.commission --scenario "$quickstart" --set "wishlist.pool.commission=11 %"
check "scenario: explain with a scenario's value" '[ $status = 0 ] && told "here:    11 %"'
for kpi in net_sales incremental_sales unwanted_per_person_week retail_profit money_imbalance; do
    chaland explain $kpi
    check "scenario: explain $kpi" '[ $status = 0 ] && grep -qE "K[0-9][0-9]" "$tmp/out"'
done
# explains WORD TEXT
explains() {
    chaland explain "$1"
    check "scenario: explain $1" "[ \$status = 0 ] && told $(printf %q "$2") && nothing_said"
}
explains responsive "consent: asks for it, promising a benefit of 50 %"
explains silent "rules: none, it sends nothing"
explains context_score "a fact for the conditions (if) of a policy's rules"
explains entrance "for the key 'when' of a policy's rule"
explains quickstart "a shipped scenario"
explains city.stores "or {file: NAME.csv}"
explains intrusion_cost "default: 0.5 EUR"
refuses "scenario: explain a policy with a typo" 2 "did you mean 'responsive'?" explain responsiv
refuses "scenario: explain with a typo" 2 "did you mean 'consent'?" explain consnt
refuses "scenario: explain without the section" 2 "did you mean 'consent.transparency'?" explain transparency

# init: what it writes is valid, in the schema's words, and runs.
chaland init mytown
check "scenario: init" '[ $status = 0 ] && [ -s mytown.yaml ] && [ -s scenario.schema.json ] && told "next    chaland run mytown.yaml" && nothing_said'
check "scenario: its schema is the schema" 'cmp -s schema.json scenario.schema.json'
check "scenario: its keys are in the schema" 'checks template mytown.yaml <schema.json'
chaland validate mytown.yaml
check "scenario: it is valid" '[ $status = 0 ] && told "mytown.yaml: valid; 2 policies, 1 design point, 20 replications" && nothing_said'
chaland run mytown.yaml "${short[@]}" -o mytown.h5
check "scenario: and it runs" '[ $status = 0 ] && told "mytown: 2 policies" && [ -s mytown.h5 ]'
sum=$(sha256sum <mytown.yaml)
chaland init mytown
check "scenario: init does not overwrite" '[ $status = 73 ] && said "--force" && [ "$(sha256sum <mytown.yaml)" = "$sum" ]'
chaland init mytown --force
check "scenario: init --force does" '[ $status = 0 ]'
mkdir other
echo precious >other/scenario.schema.json
try sh -c 'cd other && exec "$0" init town' "$program"
check "scenario: init spares what is no schema" '[ $status = 73 ] && said "scenario.schema.json exists already; add --force" && [ ! -e other/town.yaml ] && [ "$(cat other/scenario.schema.json)" = precious ]'
chaland schema -o other/scenario.schema.json
check "scenario: so does schema" '[ $status = 73 ] && said "--force" && [ "$(cat other/scenario.schema.json)" = precious ]'
chaland schema -o other/scenario.schema.json --force
check "scenario: schema --force does not" '[ $status = 0 ] && nothing_said && cmp -s schema.json other/scenario.schema.json'
chaland schema -o scenario.schema.json
check "scenario: a schema gives way to a schema" '[ $status = 0 ] && cmp -s schema.json scenario.schema.json'
for name in a/b "" "two words" -- .hidden; do
    chaland init -- "$name"
    check "scenario: init refuses the name '$name'" '[ $status = 2 ] && nothing_told && said "name for a scenario"'
done

# A dry run runs nothing, and what it prints is the same scenario.
for scenario in "$root"/scenarios/*.yaml mytown.yaml sweep.yaml; do
    name=$(basename "$scenario" .yaml)
    chaland validate "$scenario"
    check "scenario: $name is valid" '[ $status = 0 ] && told ": valid;"'
    chaland run "$scenario" --set population.sample=0.1 --dry-run
    check "scenario: dry run of $name" '[ $status = 0 ] && grep -qE "^# [a-z_0-9]+: [0-9]+ runs? of [0-9]+ days?, " "$tmp/err"'
    cp "$tmp/out" "resolved-$name.yaml"
    sed -n 's/.*sha256 //p' "$tmp/err" >"$tmp/sha"
    chaland run "resolved-$name.yaml" --dry-run
    check "scenario: the resolved $name resolves to itself" '[ $status = 0 ] && cmp -s "$tmp/out" "resolved-$name.yaml"'
    check "scenario: with the same hash" '[ "$(sed -n "s/.*sha256 //p" "$tmp/err")" = "$(cat "$tmp/sha")" ] && [ -s "$tmp/sha" ]'
done
fingerprint() { sed -nE 's/.*"fingerprint": "([0-9a-f]+)".*/\1/p' "$tmp/out"; }
chaland run mytown.yaml "${short[@]}" --json --force -o mytown.h5
first=$(fingerprint)
chaland run mytown.yaml "${short[@]}" --dry-run --quiet
check "scenario: --quiet dry run says nothing besides" '[ $status = 0 ] && nothing_said'
cp "$tmp/out" resolved.yaml
chaland run resolved.yaml --json --force -o mytown.h5
check "scenario: and runs to the same fingerprint" '[ $status = 0 ] && [ -n "$first" ] && [ "$(fingerprint)" = "$first" ]'
chaland run mytown.yaml "${short[@]}" --dry-run -o dry.h5
check "scenario: a dry run writes nothing" '[ $status = 0 ] && [ ! -e dry.h5 ]'

chaland calibrate mytown.yaml --set population.shoppers=200 --set duration=1d --rounds 1 --quiet -o calibrated.yaml
check "scenario: calibrate writes a scenario" '[ $status = 0 ] && nothing_told && nothing_said && grep -q "extends: mytown.yaml" calibrated.yaml'
chaland validate calibrated.yaml
check "scenario: which is valid" '[ $status = 0 ]'
sum=$(sha256sum <calibrated.yaml)
chaland calibrate mytown.yaml --set population.shoppers=200 --set duration=1d --rounds 1 -o calibrated.yaml
check "scenario: and not overwritten, which is known before the work" '[ $status = 73 ] && said "--force" && ! said "round" && [ "$(sha256sum <calibrated.yaml)" = "$sum" ]'
chaland calibrate mytown.yaml --set population.shoppers=200 --set duration=1d --rounds 1 -o nofolder/c.yaml
check "scenario: nor written where it cannot be, the same" '[ $status = 74 ] && said "nofolder" && ! said "round"'
chaland calibrate mytown.yaml --set population.shoppers=200 --set duration=1d --rounds 1 --quiet -o calibrated.yaml --force
check "scenario: but with --force" '[ $status = 0 ] && nothing_said'
# overwrites FILE COMMAND OPTIONS...: what a scenario is read from must not be lost, even with --force
overwrites() {
    local file=$1 kept
    shift
    kept=$(sha256sum <"$file")
    chaland "$@" --force --set population.shoppers=200 --set duration=1d --set warmup=0d
    check "scenario: not over what is read: $*" '[ $status = 2 ] && said "is read for this scenario" && nothing_told && ! said "round" && [ "$(sha256sum <"$file")" = "$kept" ] && no_part "$file"'
}
mkdir -p own
printf 'id,retailer,x,y\na,r,100,100\n' >own/stores.csv
printf 'policy: mine\nrules: []\n' >own/mine.yaml
printf 'chaland: 1\nextends: ../mytown.yaml\ncity: {stores: {file: stores.csv}}\npolicies: [silent, ./mine.yaml]\nbaseline: silent\n' >own/town.yaml
overwrites mytown.yaml calibrate mytown.yaml -o mytown.yaml
overwrites mytown.yaml calibrate mytown.yaml -o ./own/../mytown.yaml
overwrites own/town.yaml run own/town.yaml -o own/town.yaml
overwrites mytown.yaml calibrate own/town.yaml -o mytown.yaml
overwrites own/stores.csv run own/town.yaml -o own/stores.csv
overwrites own/mine.yaml run own/town.yaml -o own/mine.yaml

# All mistakes are told in one pass, whoever looks (calibrate does not look at policies).
for words in validate run "explain consent --scenario"; do
    # shellcheck disable=SC2086
    try sh -c "cd '$root/tests/bad' && exec '$program' $words several_and_own_data.yaml"
    check "scenario: ${words%% *} tells all mistakes of scenario and tables" '[ $status = 2 ] && cmp -s "$tmp/err" "$root/tests/bad/several_and_own_data.expected" && nothing_told'
done

# ---- which assumptions carry the answer -----------------------------------------------------------------------------------
chaland run "$quickstart" --set duration=3d --set warmup=0d -n 10 --policy responsive --assumptions --only devices.app,wishlist.per_week -o a.h5 --force --progress never
check "assumptions: counted, tried, told" '[ $status = 0 ] && nothing_said && grep -qE "^Behind this stand [0-9]+ parameters, [0-9]+ of them assumed" "$tmp/out" && told "Assumptions: 2 of " && grep -qE "^  devices.app = 1 %: retail_profit of .responsive. .*(no longer|less than half|of the other sign)" "$tmp/out"'
check "assumptions: kept in the file" '"$python" -c "
import h5py
group = h5py.File(\"a.h5\")[\"assumptions\"]
assert [key.decode() for key in group[\"assumption\"][:]] == [\"devices.app\", \"wishlist.per_week\"]
assert group[\"contrast\"].shape == group[\"verdict\"].shape == (2, 2, 2, 2)
contrast, change = group[\"contrast\"][:], group[\"change\"][:]
assert (contrast[:, :, 0] != contrast[:, :, 0]).all() and abs(change[0, 0, 1, 0]) > 0
"'
chaland run "$quickstart" "${short[@]}" --quiet --force -o b.h5
chaland compare b.h5
check "assumptions: every summary counts them" 'grep -qE "^Behind this stand [0-9]+ parameters, [0-9]+ of them assumed" "$tmp/out"'
refuses "assumptions: a name that is none" 2 "--only: 'wishlis' is neither a section nor a parameter" run "$quickstart" "${short[@]}" --quiet --force -o b.h5 --assumptions --only wishlis

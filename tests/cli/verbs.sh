# Every command with --json: one object on standard output and nothing else, schema_version first. A new command fails here until it is
# told how to be called.
# shellcheck shell=bash disable=SC2154

mkdir -p verbs && cd verbs || exit 1
chaland run "$quickstart" "${short[@]}" --set outputs.events=on --force -q -o v.h5
check "verbs: a file to work on" '[ $status = 0 ] && [ -s v.h5 ]'
tiny=(--set duration=1d --set warmup=0d --set population.shoppers=200 --seed 1)
# calls NAME: its calls, one a line; "none": prints a script or a page, which is no result
calls() {
    case $1 in
    run) printf '%s\n' "$quickstart ${short[*]} --force -o w.h5" "$quickstart ${short[*]} --dry-run" "nosuch" ;;
    compare) printf '%s\n' v.h5 "v.h5 --kpi net_sales" nosuch.h5 ;;
    report) printf '%s\n' "v.h5 --force" "v.h5 --format md" "v.h5 --format csv" "v.h5 --format svg" nosuch.h5 ;;
    trace) printf '%s\n' v.h5 "v.h5 --shopper 999999" nosuch.h5 ;;
    rerun) printf '%s\n' v.h5 nosuch.h5 ;;
    export) printf '%s\n' "v.h5 --list" "v.h5 --csv kpi" "v.h5 --csv stores" "v.h5 --csv events" "v.h5 --csv kpi --force -o v.csv" "v.h5 --csv nosuch" ;;
    notebook) printf '%s\n' "v.h5 --force" nosuch.h5 ;;
    watch) printf '%s\n' v.h5 "v.h5 --once" nosuch.h5 ;;
    validate) printf '%s\n' "$quickstart" "$quickstart --set consent.transparancy=1" nosuch ;;
    explain) printf '%s\n' --all consent consent.transparency "--policy responsive" "--reference ." nosuch ;;
    schema) printf '%s\n' " " "-o s.json" ;;
    init) printf '%s\n' "mytown --force" "no/name" ;;
    calibrate) printf '%s\n' "$quickstart ${tiny[*]} --rounds 1 -q" "$quickstart ${tiny[*]} --rounds 1 -q --force -o c.yaml" nosuch ;;
    "sweep plan") printf '%s\n' "$quickstart ${short[*]} -o sw" nosuch ;;
    "sweep run") printf '%s\n' "sw -q" "sw --shard 1/1" nosuch ;;
    "sweep status") printf '%s\n' sw nosuch ;;
    "sweep merge" | "sweep verify") printf '%s\n' sw nosuch ;;
    "sweep script") echo none ;;
    bench) printf '%s\n' "queue --customers 6400 --rounds 1" nosuch ;;
    completion | man) echo none ;;
    esac
}
mkdir -p said
: >said/list
# keeps LABEL: what was said last, to be judged below
keeps() { n=$((n + 1)) && cp "$tmp/out" "said/$n" && printf '%s\t%s\t%s\n' $n $status "$1" >>said/list; }
n=0
while read -r name; do
    [ -n "$(calls "$name")" ] || printf '0\t0\t%s is not called here\n' "$name" >>said/list
    while read -r words; do
        [ "$words" = none ] && continue
        # shellcheck disable=SC2086
        chaland $name $words --json
        keeps "$(echo "$name $words" | sed "s|$root/||g")"
    done < <(calls "$name")
done < <("$program" --help | sed -nE 's/^  ([a-z]+( [a-z]+)?)  .*/\1/p' | grep -vx chaland)
for words in --version version frobnicate "help frobnicate"; do
    # shellcheck disable=SC2086
    chaland $words --json
    keeps "$words"
done
checks verbs said
check "verbs: more than 40 calls" '[ $n -gt 40 ]'
"$program" export v.h5 --csv kpi --json >kpi.json
"$program" export v.h5 --csv kpi >kpi.csv
try "$python" -c "
import csv, json
table = json.load(open('kpi.json'))
rows = list(csv.reader(open('kpi.csv', encoding='utf-8')))
assert [c['name'] for c in table['columns']] == rows[0]
assert len(table['rows']) == len(rows) - 1 == 4
for got, want in zip(table['rows'], rows[1:]):
    for a, b in zip(got, want):
        assert a is None and b == '' or isinstance(a, str) and a == b or float(a) == float(b), (a, b)
assert isinstance(table['rows'][0][3], int)"
check "verbs: a table as JSON says what its CSV says" '[ $status = 0 ]'

# ---- the schema, for editors
chaland init mytown --force
check "verbs: init writes the line that editors look for" '[ "$(head -n 1 mytown.yaml)" = "# yaml-language-server: \$schema=./scenario.schema.json" ]'
if "$python" -c 'import jsonschema, yaml' 2>/dev/null; then
    try "$python" "$root/tests/cli/schema_check.py" scenario.schema.json mytown.yaml "$root"/scenarios/*.yaml
    check "verbs: jsonschema accepts the schema, and every shipped scenario" '[ $status = 0 ]'
    printf 'chaland: 1\nname: bad\nconsent: {transparancy: 1}\n' >bad.yaml
    try "$python" "$root/tests/cli/schema_check.py" scenario.schema.json bad.yaml
    check "verbs: and not a misspelt key" '[ $status = 1 ] && told "bad.yaml: consent: " && told transparancy'
else
    echo "skip verbs: no jsonschema here"
fi
cd .. || exit 1

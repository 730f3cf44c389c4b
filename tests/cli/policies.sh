# Policies of one's own: explain --policy, and the worked examples of docs/POLICIES.md.
# shellcheck shell=bash disable=SC2154

# section NAME LANGUAGE: the block of that language under the heading of that example
section() {
    awk -v head="docs/examples/$1.yaml" -v fence="\`\`\`$2" '/^##+ / {in_it = index($0, head)} in_it && $0 == fence {on = 1; next}
        $0 == "```" {on = 0} on' "$root/docs/POLICIES.md"
}
examples=0
for file in "$root"/docs/examples/*.yaml; do
    name=$(basename "$file" .yaml)
    examples=$((examples + 1))
    section "$name" yaml >"$name.yaml"
    check "policies: $name in docs/POLICIES.md is the file" '[ -s "$name.yaml" ] && cmp -s "$name.yaml" "$file"'
    chaland explain --policy "$name.yaml"
    section "$name" text >told.txt
    check "policies: the program says of $name what the document says" '[ $status = 0 ] && cmp -s told.txt "$tmp/out" && nothing_said'
    printf 'chaland: 1\nextends: %s\nname: own\npolicies: [silent, %s.yaml]\nbaseline: silent\n' "$quickstart" "$name" >own.yaml
    chaland validate own.yaml
    check "policies: $name is valid" '[ $status = 0 ] && told "2 policies"'
    chaland run own.yaml --set duration=1d --set warmup=0d --set population.shoppers=200 -n 1 --json --force -o own.h5
    check "policies: $name runs" '[ $status = 0 ] && checks keys kpi fingerprint <"$tmp/out" && told "\"$name\""'
done
check "policies: there are five examples" '[ $examples = 5 ]'

# In the sales the example of the sales speaks; silence elsewhere.
sent() { "$python" -c 'import json, sys; print(json.load(sys.stdin)["kpi"]["sale_weeks"]["messages_sent"]["mean"])' <"$tmp/out"; }
for sales in yes no; do
    chaland run "$quickstart" --policy sale_weeks.yaml --set calendar.sales=$sales --set duration=1d --set warmup=0d --set population.shoppers=200 \
        -n 1 --json --force -o own.h5
    sent >"$tmp/sent_$sales"
done
check "policies: sale_weeks speaks in the sales only" '[ "$(cat "$tmp/sent_no")" = 0 ] && [ "$(cat "$tmp/sent_yes")" != 0 ] && [ -s "$tmp/sent_yes" ]'

# What it reads, in the order in which the models look.
chaland explain --policy responsive
check "policies: a shipped one by its name" '[ $status = 0 ] && told "consent needed: level 3 (history shared); level 2 for rule 1 and 2; level 3 for rule 3"'
chaland explain --policy silent,context --json
check "policies: several, as JSON" '[ $status = 0 ] && checks keys policies <"$tmp/out" && told "\"name\": \"silent\"" && told "\"name\": \"context\"" && ! told "(nothing)"'
cat >order.yaml <<'Y'
policy: order
rules:
  - {name: a, when: beacon, about: store, if: {wish_match: "> 0.1", rain: "= 1", messages_today: "< 2", hour: ">= 9"}}
  - {name: b, when: entrance, about: wish, if: {open: "= 1", in_stock: "= 1"}}
  - {name: c, when: beacon, if: {consent: ">= 2"}}
Y
chaland explain --policy order.yaml --json
cat >order.py <<'Y'
import json, sys
policy, = json.load(sys.stdin)["policies"]
rules = [([s["reads"] for s in r["looks_up"]], r["public_first"], r["consent_needed"]) for r in policy["rules"]]
assert rules == [(["rain", "hour", "wish_match", "messages_today"], True, 2),
                 (["open", "the open wishes", "in_stock"], False, 2), (["consent"], True, 2)], rules
Y
check "policies: public facts before personal ones, and what a subject needs" '[ $status = 0 ] && "$python" order.py <"$tmp/out"'
chaland explain --policy order.yaml
check "policies: who never asks is told so" '[ $status = 0 ] && told "it never asks" && told "every public fact is looked up before" && told "which a condition asks for"'
cat >inplace.yaml <<'Y'
chaland: 1
policies: [silent, {policy: gentle, extends: responsive, caps: {day: 1}}]
Y
chaland explain --scenario inplace.yaml --policy gentle
check "policies: one written in a scenario" '[ $status = 0 ] && told "gentle, a policy" && told "1 a day" && ! told "silent, a policy"'

# One clear error each.
# wrong NAME RULE PLACE TEXT
wrong() {
    printf 'policy: wrong\nrules:\n  - %s\n' "$2" >wrong.yaml
    refuses "policies: $1" 2 "wrong.yaml:3:$3: error[" explain --policy wrong.yaml
    check "policies: $1, with a hint" "said $(printf %q "$4") && said '1 error' && said 'help: '"
    cp "$tmp/err" wrong.err
    chaland run "$quickstart" --policy wrong.yaml --dry-run
    check "policies: $1, run says the same" '[ $status = 2 ] && cmp -s wrong.err "$tmp/err"'
}
wrong "an unknown trigger" '{when: becon}' 12 "allowed: beacon, schedule, screen, entrance, geofence, nfc, ultrasound or qr"
wrong "an unknown fact" '{when: beacon, if: {wish_mach: ">= 0.3"}}' 25 "did you mean 'wish_match'?"
wrong "an operator too many" '{when: beacon, if: {rain: "=> 1"}}' 31 "allowed: one of >= <= = > < and a value"
wrong "a wrong unit" '{when: beacon, if: {walk_time: "<= 200 m"}}' 36 "the value of walk_time is"
refuses "policies: a missing file" 2 "there is no policy 'nosuch.yaml'" explain --policy nosuch.yaml
refuses "policies: a key beside --policy" 2 "goes with no KEY" explain --policy silent consent
refuses "policies: no policy at all" 2 "write --policy mine.yaml" explain --policy ,
chaland explain --policy wrong.yaml --json
check "policies: errors as JSON" '[ $status = 2 ] && checks error 2 <"$tmp/out"'

# And so it is in a run: a public fact that fails keeps the wishes closed, unless it hangs on the wish.
# reads NAME SUBJECT CONDITIONS: personal reads of a run beyond those of the silent city
reads() {
    printf 'policy: %s\nrules:\n  - {when: beacon, about: %s, if: {%s}}\n' "$1" "$2" "$3" >"$1.yaml"
    chaland run "$quickstart" --policy "$1.yaml" --set duration=1d --set warmup=0d --set population.shoppers=500 -n 1 --json --force -o own.h5
    "$python" -c 'import json, sys
kpi = json.load(sys.stdin)["kpi"]
n = {p: kpi[p]["reads"]["mean"] + kpi[p]["reads_refused"]["mean"] for p in kpi}
print(int(n[sys.argv[1]] - n["silent"]), int(kpi[sys.argv[1]]["reads_without_consent"]["mean"]))' "$1" <"$tmp/out" >"$tmp/reads"
}
reads closed store 'wish_match: "> 0", sale_week: "= 60"'
check "policies: a public fact that fails keeps the wishes closed" '[ "$(cat "$tmp/reads")" = "0 0" ]'
reads opened store 'wish_match: "= 1", sale_week: "= 0"'
check "policies: one that holds opens them" 'grep -qE "^[1-9][0-9]* 0$" "$tmp/reads"'
reads hanging wish 'context_score: "= 1"'
check "policies: one that hangs on the wish opens them" 'grep -qE "^[1-9][0-9]* 0$" "$tmp/reads"'

# Five more policies, written by following the page alone, in a town where every mechanism that answers a fact is on.
# town NAME POLICIES [LINE...]: a small scenario of these policies
town() {
    { printf 'chaland: 1\nextends: %s\nname: own\nduration: 2 d\nwarmup: 0 d\nreplications: 1\npopulation: {shoppers: 1000}\n' "$quickstart"
      printf 'clusters: {active: yes}\nevents: {active: yes, first: 1, every: 2}\ntrajectory: {active: yes}\npolicies: [%s]\n' "$2"
      shift 2; for line in "$@"; do echo "$line"; done; } >"$name.town.yaml"
}
more=0
for file in "$root"/docs/examples/street/*.yaml; do
    name=$(basename "$file" .yaml)
    more=$((more + 1))
    chaland explain --policy "$file"
    check "policies: $name is explained" '[ $status = 0 ] && told "$name, a policy" && nothing_said'
    town "$name" "silent, $file"
    chaland run "$name.town.yaml" --json --force -o own.h5
    "$python" -c 'import json, sys
kpi = json.load(sys.stdin)["kpi"][sys.argv[1]]
print(kpi["messages_sent"]["mean"] > 0, kpi["reads_without_consent"]["mean"] == 0)' "$name" <"$tmp/out" >"$tmp/speaks"
    check "policies: $name runs and speaks" '[ $status = 0 ] && [ "$(cat "$tmp/speaks")" = "True True" ] && grep -q "$name" "$root/docs/POLICIES.md"'
done
check "policies: there are five more" '[ $more = 5 ]'

# Force: refused unless the scenario allows it, and marked wherever it shows.
name=forced
town forced "silent, forced"
refuses "policies: force is refused" 2 "forced.town.yaml:11:20: error[E020]: policy 'forced' is forced" run forced.town.yaml
check "policies: force is refused, with a hint" 'said "allow_forced: true" && said "1 error"'
town forced "silent, responsive, forced" "allow_forced: true"
chaland run forced.town.yaml --force -o forced.h5
check "policies: force is marked in the answer" '[ $status = 0 ] && told "STRESS TEST: '"'forced'"' is forced"'
chaland run forced.town.yaml --force -o forced.h5 --json
check "policies: force is marked in JSON" '[ $status = 0 ] && told "\"forced\": [\"forced\"]"'
chaland compare forced.h5 --json
check "policies: force is marked in the file" '[ $status = 0 ] && told "\"forced\": [\"forced\"]"'
chaland compare forced.h5
check "policies: and told by whoever reads it" '[ $status = 0 ] && told "STRESS TEST"'
chaland run forced.town.yaml --policy responsive --force -o own.h5 --json
check "policies: what is not forced is not marked" '[ $status = 0 ] && told "\"forced\": []"'
chaland run forced.town.yaml -n 12 --force -o forced.h5
check "policies: force is never recommended" '[ $status = 0 ] && ! grep -E "Highest mean profit|Worth choosing" "$tmp/out" | grep -q forced'
chaland explain --policy forced
check "policies: force is explained" '[ $status = 0 ] && told "FORCED:" && told "ignores consent"'

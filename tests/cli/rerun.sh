# `chaland rerun`: the scenario in a file still gives its results, on any number of threads; 3 when something was changed.
# shellcheck shell=bash disable=SC2154

chaland run "$quickstart" "${short[@]}" -q --force -o again.h5
for threads in 1 2 4; do
    chaland rerun again.h5 --threads $threads
    check "rerun: the same on $threads threads" '[ $status = 0 ] && nothing_said && [ "$(wc -l <"$tmp/out")" = 1 ] && told "same    4 runs, run again on $threads thread" && told "gave the results of again.h5"'
done
chaland rerun again.h5 --scheduler oracle -q
check "rerun: the same from the oracle, quietly" '[ $status = 0 ] && nothing_told && nothing_said'
chaland rerun again.h5 --json
check "rerun: as JSON" '[ $status = 0 ] && checks keys file same same_events same_scenario results_sha256 fingerprint config_sha256 program lines_added runs threads kpis kpis_changed changes <"$tmp/out" && told "\"same\": true" && told "\"kpis_changed\": 0"'
chaland rerun again.h5 --set dayplan.mode_intercept=-0.5
check "rerun: one value changed is 3, and told" '[ $status = 3 ] && told "differs 4 runs, run again, did not give the results of again.h5" && told "the events differ too" && told "its first other line is" && grep -qE "^changed [0-9]+ of [0-9]+ key figures" "$tmp/out" && grep -qE "^ +[a-z_]+ (silent|responsive), replication [01]: .*, was " "$tmp/out"'
chaland rerun again.h5 --set consent.shock=11 # of forced policies, and there is none
check "rerun: 3 also when no event changed, which is said" '[ $status = 3 ] && told "yet every event is the same" && told "shock: 11"'
chaland rerun again.h5 --set replications=3 --json
check "rerun: another shape is 3" '[ $status = 3 ] && told "\"same\": false" && told "\"kpis\": 0"'
chaland rerun again.h5 -o again2.h5 -q --reproducible
check "rerun: -o writes what it found" '[ $status = 0 ] && [ -s again2.h5 ]'
chaland rerun again2.h5 -q
check "rerun: which can be rerun, too" '[ $status = 0 ]'
chaland rerun again.h5 -o again2.h5 -q
check "rerun: and overwrites nothing" '[ $status = 73 ] && said "--force"'
spares rerun again.h5 rerun again.h5
refuses "rerun: a wrong --set" 2 "unknown key 'paye'" rerun again.h5 --set visit.paye=1
refuses "rerun: no file" 2 "nothing.h5: cannot be opened" rerun nothing.h5
refuses "rerun: what is no results file" 2 "is not an HDF5 file" rerun "$quickstart"
head -c 5000 again.h5 >cut.h5
refuses "rerun: half a file" 2 "is cut off" rerun cut.h5
printf 'chaland: 1\nname: swept\nextends: quickstart\nsweep: {consent.transparency: [0.2, 0.8]}\n' >swept.yaml
chaland run swept.yaml "${short[@]}" -q --force -o swept.h5
chaland rerun swept.h5
check "rerun: a sweep" '[ $status = 0 ] && told "same    8 runs"'

# Own data: small tables are part of the file, large ones are looked for and known by their content.
mkdir -p data/there
awk 'BEGIN {print "x,y,weight"; for (i = 0; i < 7000; i++) print 10 + 80 * (i % 15) "," 10 + 80 * (i % 13) ",1"}' >data/homes.csv
printf 'chaland: 1\nname: own\nextends: quickstart\ncity: {homes: {file: homes.csv}}\n' >data/own.yaml
chaland run data/own.yaml "${short[@]}" -q --force -o data/there/own.h5
check "rerun: a scenario with a large table of its own" '[ $status = 0 ]'
chaland rerun data/there/own.h5 -q
check "rerun: which lies where it lay" '[ $status = 0 ] && nothing_said'
mv data/homes.csv data/there/homes.csv
chaland rerun data/there/own.h5 -q
check "rerun: or beside the file" '[ $status = 0 ] && nothing_said'
mkdir -p elsewhere
mv data/there/homes.csv elsewhere/
refuses "rerun: a missing table" 2 "data/there/own.h5: the run also read 'homes.csv', which is not beside it, here, or where the run had found it" rerun data/there/own.h5
refuses "rerun: not in that folder either" 2 "which is not in folder data; name the folder" rerun data/there/own.h5 --data data
chaland rerun data/there/own.h5 -q --data elsewhere
check "rerun: its new folder is told with --data" '[ $status = 0 ] && nothing_said'
sed 's/^10,10,1$/10,10,2/' elsewhere/homes.csv >data/homes.csv
refuses "rerun: a table that changed" 2 "'data/homes.csv' has changed since" rerun data/there/own.h5

# What a reproducible file says of its inputs does not tell where they lay: two clones in two folders give the same bytes.
for clone in first/clone second; do
    mkdir -p "$clone/mine"
    cp -r "$root/scenarios" "$clone/"
    printf 'policy: mine\nextends: responsive\n' >"$clone/mine/mine.yaml"
    printf 'id,retailer,x,y\na,r,100,100\nb,s,300,200\n' >"$clone/stores.csv"
    printf 'chaland: 1\nname: cloned\nextends: quickstart\ncity: {stores: {file: ../stores.csv}}\npolicies: [silent, ./mine.yaml, context]\nbaseline: silent\n' >"$clone/mine/town.yaml"
done
cloned=(--set duration=1d --set warmup=0d --set population.shoppers=200 -n 1 -q --reproducible)
try env CHALAND_SHARE="$PWD/first/clone" "$program" run "$PWD/first/clone/mine/town.yaml" "${cloned[@]}" -o first.h5
check "rerun: a reproducible run in one clone" '[ $status = 0 ] && nothing_said'
try sh -c 'cd second && CHALAND_SHARE=$PWD exec "$0" run mine/town.yaml "$@" -o ../second.h5' "$program" "${cloned[@]}"
check "rerun: gives the same bytes in another, by another path" '[ $status = 0 ] && nothing_said && cmp -s first.h5 second.h5'
check "rerun: which hold no path of the machine" '! grep -qaF "$PWD" first.h5'
refuses "rerun: yet none of the files read is written over" 2 "is read for this scenario" run second/mine/town.yaml "${cloned[@]}" --force -o second/stores.csv
refuses "rerun: nor what is shipped" 2 "is read for this scenario" run "$quickstart" "${cloned[@]}" --policy context --force -o "$root/scenarios/policies/context.yaml"

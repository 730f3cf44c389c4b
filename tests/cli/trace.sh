# trace: the log of moments, and the chains told from it.
# shellcheck shell=bash disable=SC2154

logged=(--set duration=2d --set warmup=0d --set outputs.events=on --policy responsive -n 2 --quiet --force --reproducible)
chaland run "$quickstart" "${logged[@]}" -o events.h5 --threads 1
cp events.h5 one.h5
chaland run "$quickstart" "${logged[@]}" -o events.h5 --threads 3 --scheduler oracle
check "trace: the log has the same bytes for the oracle and any threads" 'cmp -s one.h5 events.h5'
chaland run "$quickstart" "${logged[@]}" -n 1 -o events.h5 --threads 4 --tile 4 --perturb 3
cp events.h5 disturbed.h5
chaland run "$quickstart" "${logged[@]}" -n 1 -o events.h5 --threads 1
check "trace: nor do threads inside a run, tiles and disturbance show" 'cmp -s disturbed.h5 events.h5'

chaland trace one.h5
check "trace: chooses someone and tells a chain" '[ $status = 0 ] && nothing_said && grep -qE "^Shopper [0-9]+, .* 2013, policy responsive, replication 0$" "$tmp/out" && told "> opens it" && told "next    chaland trace"'
someone=$(sed -nE '1s/^Shopper ([0-9]+),.*/\1/p' "$tmp/out")
check "trace: an offer follows from what the phone heard or the eye saw" 'grep -B1 -E "^[0-9:]+  *> R[0-9]+ (offers|recommends)" "$tmp/out" | grep -qE "hears beacon|notices screen|> "'
chaland trace one.h5 --shopper "$someone" --json
check "trace: --json is one object whose causes come first" '[ $status = 0 ] && "$python" -c "
import json, sys
told = json.load(open(sys.argv[1]))
assert told[\"schema_version\"] == 1 and told[\"lines\"] and told[\"who\"] == \"Shopper $someone\"
assert any(\"cause\" in line for line in told[\"lines\"])
" "$tmp/out"'
order=$("$python" - <<'PY'
import h5py
events = h5py.File('one.h5')['events']
kinds = events['kind'].attrs['flag_meanings'].split()
mine = (events['kind'][:] == kinds.index('order')) & (events['policy_index'][:] == 1) & (events['replication_index'][:] == 0)
print('%016x' % events['id'][:][mine][0])
PY
)
chaland trace one.h5 --order "$order"
check "trace: an order, from the visit to the door" '[ $status = 0 ] && told "Order $order of shopper" && told "buys" && grep -qE "order $order from R[0-9]+-S[0-9]+ reaches the couriers: fee" "$tmp/out" && told "brings it home"'
chaland trace one.h5 --retailer R01 --replication 1 --day 1
check "trace: a retailer's day" '[ $status = 0 ] && told "Retailer R01, " && told "replication 1" && grep -qE "^[0-9]+ visits \([0-9]+ drawn by offers\), [0-9]+ sales for" "$tmp/out"'
chaland trace one.h5 --store 3 --policy silent
check "trace: a store's day under another policy" '[ $status = 0 ] && told "policy silent" && told "; 0 offers sent"'

chaland run "$quickstart" "${logged[@]}" -o share.h5 --set outputs.events_share=0.1
check "trace: a share of the people" '"$python" -c "
import h5py
all, some = (set(h5py.File(f)[\"events/person\"][:]) - {-1} for f in (\"one.h5\", \"share.h5\"))
assert some < all and 0.05 < len(some) / len(all) < 0.15, (len(some), len(all))
"'
refuses "trace: nobody of that number" 2 "the log has no line of shopper 99999" trace one.h5 --shopper 99999
refuses "trace: no such store" 2 "--store: there is no 'R01-S00'" trace one.h5 --store R01-S00
refuses "trace: no such order" 2 "--order: there is no order 'zz'" trace one.h5 --order zz
refuses "trace: two questions at once" 2 "one of --shopper, --store, --retailer and --order at a time" trace one.h5 --store 1 --shopper 2
refuses "trace: no such policy" 2 "unknown policy 'loud'; the file holds silent, responsive" trace one.h5 --policy loud
refuses "trace: no such replication" 2 "--replication: the file has 2, numbered from 0; 2 is none of them" trace one.h5 --replication 2
chaland run "$quickstart" "${short[@]}" --quiet --force -o plain.h5
refuses "trace: a file without log says how to get one" 2 "run its scenario again with --set outputs.events=on" trace plain.h5

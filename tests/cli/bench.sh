# Benchmarks: what they print, and that they agree with theory and with a classic engine. Not how fast they are.
# shellcheck shell=bash disable=SC2154

# figures NAME CONDITION: the condition is Python over the figures f of the last command
figures() { check "$1" "[ \$status = 0 ] && \"\$python\" -c 'import json, sys; f = json.load(open(sys.argv[1])); sys.exit(not ($2))' \"\$tmp/out\""; }

chaland bench phold --processes 512 --events-per-process 2 --remote 0.5 --lookahead 0.2 --duration 6 --rounds 1 --json
figures "bench: phold counts its events" 'f["schema_version"] == 1 and f["bench"] == "phold" and f["events_per_s"] > 0 and f["bytes_per_event"] > 24 and abs(f["events"] / (1024 * 5.4 / 1.1) - 1) < 0.1'
chaland bench phold --processes 512 --duration 4 --rounds 2 --threads 2 --json
figures "bench: phold beside processes" 'f["threads"] == 2 and f["rounds"] == 2 and f["ratio_to_processes"] > 0'
chaland bench queue --customers 100000 --rounds 1 --json
figures "bench: M/M/1 agrees with theory" 'f["customers_per_s"] > 0 and f["events_per_customer"] >= 2 and abs(f["expected_wait_s"] - 9) < 1e-9 and abs(f["standard_errors"]) <= 4'
chaland bench queue --customers 100000 --servers 3 --load 0.7 --rounds 1 --json
figures "bench: M/M/3 agrees with Erlang C" 'abs(f["expected_wait_s"] - 0.5470) < 0.0002 and abs(f["standard_errors"]) <= 4'
chaland bench city --shoppers 300 --beacons 50 --hours 0.2 --rounds 1 --json
figures "bench: a city of walkers" 'f["crossings_per_s"] > 0 and f["events_per_s"] > 0 and f["bytes_per_shopper"] > 0 and f["beacons"] == 50 and 40 < f["crossings"] / 300 / 0.2 < 55 and f["passes_per_crossing"] > 0.1'
for scheduler in parallel oracle heap; do
    chaland bench phold --processes 64 --duration 2 --rounds 1 --scheduler $scheduler --json
    figures "bench: $scheduler alone" '"ratio_to_heap" not in f and f["events_per_s"] > 0'
done
chaland bench city --shoppers 50 --hours 0.1 --rounds 1 --policy silent
check "bench: a table" '[ $status = 0 ] && told "policy silent" && told "x a 4-ary heap" && nothing_said'

refuses "bench: unknown benchmark" 2 "there is no benchmark 'fold'; write phold, queue or city" bench fold
refuses "bench: load of 1" 2 "--load: 1 is out of range; allowed: 0.01 to 0.99" bench queue --load 1
refuses "bench: no processes" 2 "--processes: 0 is out of range" bench phold --processes 0
refuses "bench: remote in percent" 2 "--remote: '10%' is not a number; write for example --remote 0.1" bench phold --remote 10%
refuses "bench: unknown scheduler" 2 "--scheduler: 'quick' is unknown; write parallel, oracle or heap" bench queue --scheduler quick
refuses "bench: unknown policy" 2 "no city for 50 shoppers" bench city --shoppers 50 --policy nosuch --rounds 1
chaland bench queue --load 2 --json
check "bench: errors in JSON" '[ $status = 2 ] && told "\"error\": {\"code\": 2"'

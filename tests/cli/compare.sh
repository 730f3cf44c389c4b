# compare: rows, baselines, confidence, gates.
# shellcheck shell=bash disable=SC2154

run() { chaland run "$quickstart" --set duration=1d --set warmup=0d --set population.shoppers=400 "$@" --quiet --force; }
rows() { grep -cE '^[* ] [a-z][a-z_0-9]+ ' "$tmp/out"; }
# field ROW: the cell of the contrast, from its sign on
cell() { grep -E "^[* ] $1 " "$tmp/out" | sed -E 's/^[* ] [a-z_0-9]+ +([^ ]+ +)?[-0-9.]+  +//'; }

run -n 10 -o c.h5
chaland compare c.h5
check "compare: a table and an answer" '[ $status = 0 ] && nothing_said && told "broadcast - silent" && told "Answer (money, messages and opt-outs per 1,000" && told "Price: " && told "messages delivered."'
check "compare: primary first" 'grep -m1 -E "^[* ] [a-z]" "$tmp/out" | grep -q "^\* retail_profit" && told "Bonferroni"'
some=$(rows)
cp "$tmp/out" "$tmp/default"
chaland compare c.h5 --all
all=$(rows)
check "compare: --all shows more" '[ $status = 0 ] && [ "$all" -gt $((some + 40)) ]'
chaland compare c.h5 --kpi footfall,net_sales
check "compare: --kpi shows these, as asked, and no footnote on primary ones" \
    '[ $status = 0 ] && [ "$(rows)" = 2 ] && [ "$(grep -oE "^  (footfall|net_sales)" "$tmp/out" | tr -d " \n")" = footfallnet_sales ] && ! told primary'
chaland compare c.h5 --kpi footfall,retail_profit
check "compare: --kpi keeps the order with a primary one, too" '[ "$(grep -oE "^[* ] (footfall|retail_profit)" "$tmp/out" | tr -d "* \n")" = footfallretail_profit ] && told Bonferroni'
chaland compare c.h5 --kpi net_sales --baseline broadcast
check "compare: --baseline" '[ $status = 0 ] && told "silent - broadcast" && ! told "broadcast - silent"'
chaland compare c.h5 --kpi messages_sent --confidence 0.5
check "compare: --confidence is told" '[ $status = 0 ] && told "50 % interval"'
chaland compare c.h5 --kpi messages_sent --json --confidence 0.5
half=$(checks width broadcast messages_sent <"$tmp/out")
chaland compare c.h5 --kpi messages_sent --json --confidence 0.99
wide=$(checks width broadcast messages_sent <"$tmp/out")
check "compare: more confidence, wider intervals" "awk 'BEGIN {exit !($wide > 3 * $half && $half > 0)}'"
refuses "compare: unknown KPI" 2 "unknown KPI 'net_sale'; did you mean 'net_sales'?" compare c.h5 --kpi net_sale
refuses "compare: unknown KPI among known" 2 "unknown KPI 'x'" compare c.h5 --kpi net_sales,x,footfall
refuses "compare: empty KPI" 2 "unknown KPI ''" compare c.h5 --kpi net_sales,
refuses "compare: a gate without a KPI" 2 "'broadcast' is a policy, and a KPI is missing; write POLICY.KPI < NUMBER, such as broadcast.retail_profit < 0" compare c.h5 --fail-if 'broadcast < 0'
refuses "compare: a gate with a mistyped KPI" 2 "unknown KPI 'retail_profi'; did you mean 'retail_profit'?" compare c.h5 --fail-if 'broadcast.retail_profi < 0'
refuses "compare: unknown baseline" 2 "unknown policy 'loud'; the file holds silent, broadcast, context, responsive" compare c.h5 --baseline loud

# gate NAME STATUS EXPRESSION
gate() {
    chaland compare c.h5 --quiet --fail-if "$3"
    check "compare: gate $1" "[ \$status = $2 ] && nothing_told"
}
gate "holds for a policy" 3 "broadcast.messages_sent > 0"
check "compare: a failed gate says why" 'said "the gate is not passed: broadcast.messages_sent > 0 holds"'
gate "does not hold" 0 "broadcast.messages_sent < 0"
check "compare: a passed gate is silent" 'nothing_said'
gate "holds for some policy" 3 "messages_sent>0"
gate "with <=" 3 "responsive.money_imbalance <= 0"
gate "with >=" 3 "responsive.money_imbalance >= 0"
gate "strict at equality" 0 "responsive.money_imbalance > 0"
gate "in percent" 0 "conversion_rate > 50 %"
gate "is not readable" 2 "garbage"
gate "without a number" 2 "retail_profit <"
gate "with a comma decimal" 2 "retail_profit < 0,5"
gate "with an odd operator" 2 "retail_profit <> 0"
gate "with an unknown policy" 2 "loud.retail_profit < 0"
gate "with an unknown KPI" 2 "responsive.profit < 0"
gate "with nothing before the operator" 2 "< 0"
gate "of the baseline alone" 2 "silent.messages_sent >= 0"

run -n 1 --policy silent -o one.h5
chaland compare one.h5
check "compare: one policy alone" '[ $status = 0 ] && told "one policy alone has nothing to be compared with"'
run -n 2 --policy responsive -o few.h5
chaland compare few.h5
check "compare: too few replications for a verdict" '[ $status = 0 ] && told "Too few replications for a verdict (2; ask for at least 10)" && ! told "Highest mean profit" && ! told "more than" && ! told " loses " && ! told "per euro"'
run -n 1 --policy responsive -o single.h5
chaland compare single.h5
check "compare: a single pair has no interval" '[ $status = 0 ] && told "[-]" && told "Too few replications for a verdict (1;" && ! told nan'
printf 'extends: %s\nsweep: {consent.transparency: [0, 1]}\n' "$quickstart" | cat <(echo 'chaland: 1') - >sweep.yaml
chaland run sweep.yaml "${short[@]}" --force -o sweep.h5
check "compare: a sweep tells each point" '[ $status = 0 ] && told "== consent.transparency=0" && told "== consent.transparency=1"'
chaland compare sweep.h5 --json
check "compare: a sweep in JSON" '[ $status = 0 ] && checks keys difference <"$tmp/out" && told "\"point\": \"consent.transparency=1\""'

# The same file again, byte for byte.
for n in 1 2; do run -n 3 --reproducible -o "same$n.h5"; done
check "compare: --reproducible gives the same bytes" 'cmp -s same1.h5 same2.h5'
chaland compare same1.h5
cp "$tmp/out" "$tmp/first"
chaland compare same2.h5
check "compare: and the same words" 'cmp -s "$tmp/first" "$tmp/out"'

# Readers of others.
run -n 2 --policy responsive --set outputs.maps=full -o maps.h5
run -n 2 --policy responsive --set outputs.maps=off --set outputs.couriers=no -o bare.h5
try "$python" "$root/tests/read_file.py" c.h5 one.h5 sweep.h5 maps.h5 bare.h5
if [ $status = 77 ]; then echo "skip compare: files open with xarray and ncdump: no xarray here"; else
    check "compare: files open group by group with xarray, and with ncdump" '[ $status = 0 ] && nothing_said && [ "$(wc -l <"$tmp/out")" = 5 ]'
fi

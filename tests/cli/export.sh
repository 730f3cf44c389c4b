# `chaland export`: tables as CSV that say what xarray reads, and clear words when there is none.
# shellcheck shell=bash disable=SC2154

tables="kpi comparison stores retailers pairs couriers daily fields events assumptions engine"
# Own stores, so that names need quotes.
printf 'id,retailer,name,x,y\nA,r,"Hats, gloves",100,100\nB,"r ""two""","The ""Corner""",200,300\nC,r,Café Zoé,300,100\n' >stores.csv
printf 'chaland: 1\nname: shops\nextends: quickstart\ncity: {stores: {file: stores.csv}}\noutputs: {events: on}\n' >shops.yaml
chaland run shops.yaml "${short[@]}" --assumptions --only consent -q --force -o shops.h5
check "export: a file with every table" '[ $status = 0 ] && nothing_said'
chaland export shops.h5 --list
check "export: --list names them" '[ $status = 0 ] && nothing_said && [ "$(cut -d" " -f1 "$tmp/out" | xargs)" = "$tables" ] && ! told none'
chaland export shops.h5 --list --json
check "export: as JSON, with units" '[ $status = 0 ] && checks keys file tables <"$tmp/out" && told "\"table\": \"kpi\"" && told "{\"name\": \"store_sales\", \"unit\": \"EUR\"}"'
for table in $tables; do
    chaland export shops.h5 --csv "$table" --force -o "$table.csv"
    check "export: $table" '[ $status = 0 ] && nothing_told && said "$table.csv: " && no_part "$table.csv"'
    try "$python" "$root/tests/cli/csv_check.py" shops.h5 "$table" "$table.csv"
    if [ $status = 77 ]; then
        echo "skip export: $table against xarray: no xarray here"
    else
        check "export: $table says what xarray reads" '[ $status = 0 ] && nothing_said'
    fi
done
chaland export shops.h5 --csv stores
check "export: without -o to standard output" '[ $status = 0 ] && nothing_said && cmp -s "$tmp/out" stores.csv'
check "export: quotes where they are needed" 'told ",\"Hats, gloves\"," && told ",\"The \"\"Corner\"\"\",\"r \"\"two\"\"\"," && told ",Café Zoé,"'
check "export: times are dates, kinds are words" 'grep -qE "^[0-9]+,0,silent,0,2013-03-04T[0-9:]{8}\.[0-9]{3},[0-9]+,leg_begins," events.csv'

# A sweep has its values beside the points.
chaland run swept.yaml "${short[@]}" -q --force -o swept.h5
for table in kpi stores fields; do
    chaland export swept.h5 --csv $table -q --force -o swept.csv
    try "$python" "$root/tests/cli/csv_check.py" swept.h5 $table swept.csv
    [ $status = 77 ] || check "export: $table of a sweep" '[ $status = 0 ] && nothing_said && head -1 swept.csv | grep -q consent'
done

chaland run "$quickstart" "${short[@]}" --policy silent --set outputs.maps=off --set outputs.couriers=no -q --force -o bare.h5
chaland export bare.h5 --list
check "export: --list tells what is not there, and why" '[ $status = 0 ] && told "comparison   none: it holds one policy only" && told "fields       none: outputs.maps was off" && told "events       none: run the scenario with --set outputs.events=on"'
refuses "export: a table that is not there" 2 "bare.h5: has no table 'events': run the scenario with --set outputs.events=on" export bare.h5 --csv events
refuses "export: a mistyped table" 2 "unknown table 'store'; did you mean 'stores'? There are kpi, comparison, stores" export shops.h5 --csv store
refuses "export: no table like that" 2 "unknown table 'weather'; there are kpi, " export shops.h5 --csv weather
refuses "export: no table named" 2 "which table? Write --csv TABLE with one of kpi, " export shops.h5
refuses "export: no results file" 2 "is not an HDF5 file" export "$quickstart" --csv kpi
spares export shops.h5 export shops.h5 --csv kpi
refuses "export: an existing file" 73 "kpi.csv exists already; add --force" export shops.h5 --csv kpi -o kpi.csv
refuses "export: no folder" 74 "nofolder" export shops.h5 --csv kpi -o nofolder/kpi.csv
try sh -c "exec \"\$0\" export shops.h5 --csv events >/dev/full" "$program"
check "export: full standard output" '[ $status = 74 ] && said "standard output cannot be written"'
sum=$(sha256sum <events.csv)
case $build in *tsan) ;; *)
    try bash -c 'ulimit -c 0 -f 20; exec "$0" "$@"' "$program" export shops.h5 --csv events -o events.csv --force
    check "export: disk full, and the file before stays" '[ $status = 74 ] && said "events.csv: writing failed" && [ "$(sha256sum <events.csv)" = "$sum" ] && no_part events.csv'
    ;;
esac

# docs/OUTPUT.md tells every group, dimension, variable, type and unit of real files, and nothing else.
# shellcheck shell=bash disable=SC2154

mkdir -p told
files=
for scenario in "$root"/scenarios/*.yaml; do
    name=$(basename "$scenario" .yaml)
    chaland run "$scenario" "${short[@]}" -n 1 -q --force -o "told/$name.h5"
    check "output: a short run of $name" '[ $status = 0 ] && nothing_said'
    files="$files told/$name.h5"
done
told_run() { chaland run "$quickstart" "${short[@]}" -q --force -o "told/$1.h5" "${@:2}"; }
told_run events --set outputs.events=on --set outputs.maps=full
told_run assumptions --assumptions --only consent
told_run bare --set outputs.maps=off --set outputs.couriers=no --reproducible
told_run forced --set allow_forced=true --policy forced
chaland explain --reference told
# shellcheck disable=SC2086
try "$python" "$root/tests/cli/output_check.py" "$root/docs/OUTPUT.md" told/probes.md $files told/{events,assumptions,bare,forced}.h5
if [ $status = 77 ]; then
    echo "skip output: docs/OUTPUT.md against real files: no h5py here"
else
    check "output: docs/OUTPUT.md is what the files hold" '[ $status = 0 ] && nothing_said && told "files, "'
    # The check itself can fail: a page with eight wrong words.
    sed 's/^| `busy` .*//; s/| `estimate` | \[point\] contrast metric/| `estimate` | metric contrast/; s/| `seed` | \[point\] replication | uint64/| `seed` | [point] replication | int64/
        s/\(| `wall` .*\)| s |/\1| min |/; s/^| `courier` .*/&\n| `fleet` | courier | text |  | its fleet |/; s/^| `status` .*//; s/| `sale` | buys/| `sale` | pays/; s/`weeks`/weeks/' \
        "$root/docs/OUTPUT.md" >told/wrong.md
    try "$python" "$root/tests/cli/output_check.py" told/wrong.md told/probes.md told/{commission_sweep,events,assumptions,forced}.h5
    check "output: wrong words in the page are found, each" '[ $status = 1 ] && said "/engine/busy is not told of" && said "/comparison/estimate has dimensions" && said "/kpi/seed is uint64" &&
        said "/engine/wall has units" && said "/couriers: fleet is told of, but in no file" && said "/provenance has an attribute status" && said "kind sale is buys" && said "/kpi has an attribute weeks"'
fi

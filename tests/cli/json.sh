# --json: one object on standard output for every command, errors too; --quiet: nothing at all.
# shellcheck shell=bash disable=SC2154

parses() { checks "$@" <"$tmp/out"; }

chaland run "$quickstart" "${short[@]}" --json --force -o j.h5
check "json: run" '[ $status = 0 ] && nothing_said && parses run silent responsive'
chaland run "$quickstart" "${short[@]}" --json --quiet --force -o j.h5
check "json: run, with --quiet the same" '[ $status = 0 ] && nothing_said && parses run silent responsive'
chaland run "$quickstart" "${short[@]}" --dry-run --json
check "json: run --dry-run" '[ $status = 0 ] && nothing_said && parses keys scenario runs days shoppers stores peak_rss_bytes sha256 resolved'
chaland compare j.h5 --json
check "json: compare" '[ $status = 0 ] && nothing_said && parses compare silent responsive'
chaland compare j.h5 --json --baseline responsive --confidence 0.5
check "json: compare tells its own baseline and confidence" '[ $status = 0 ] && parses compare responsive silent && told "\"confidence\": 0.5"'
chaland compare j.h5 --json --kpi net_sales,footfall
check "json: compare --kpi" '[ $status = 0 ] && parses compare silent responsive && told net_sales && ! told retail_profit'
chaland compare j.h5 --json --fail-if "messages_sent >= 0"
check "json: compare --fail-if is still one object" '[ $status = 3 ] && parses keys difference fail_if && said "the gate is not passed"'
chaland validate "$quickstart" --json
check "json: validate" '[ $status = 0 ] && parses keys valid errors && told "\"valid\": true"'
chaland validate "$quickstart" --json --set consent.transparancy=1
check "json: validate, with errors" '[ $status = 2 ] && parses keys valid errors && told "\"valid\": false" && told E014'
chaland explain consent --json
check "json: explain" '[ $status = 0 ] && parses keys key text'
chaland schema
check "json: schema" '[ $status = 0 ] && checks schema <"$tmp/out"'
chaland --version --json
check "json: --version" '[ $status = 0 ] && parses keys program version git_commit git_dirty build_type compiler compile_flags hdf5 gsl libyaml openmp'
chaland run "$quickstart" --set "population.shoppers=10 kg" --set nonsense=1 --json
check "json: a broken scenario" '[ $status = 2 ] && parses error 2 && said "2 errors"'
chaland run --json nosuch.yaml
check "json: a missing scenario" '[ $status = 2 ] && parses error 2'
chaland run "$quickstart" "${short[@]}" --json -o j.h5
check "json: an existing file" '[ $status = 73 ] && parses error 73'
chaland run "$quickstart" "${short[@]}" --json -o /proc/j.h5
check "json: an unwritable place" '[ $status = 74 ] && parses error 74'
chaland compare nosuch.h5 --json
check "json: a missing result" '[ $status = 2 ] && parses error 2'
chaland explain consnt --json
check "json: an unknown key" '[ $status = 2 ] && parses error 2'
chaland explain consent --scenario nosuch.yaml --json
check "json: a missing scenario to explain with" '[ $status = 2 ] && parses error 2'
chaland run "$quickstart" --frce --json
check "json: a usage error before it" '[ $status = 2 ] && parses error 2'

# Names that JSON must escape.
chaland run "$quickstart" "${short[@]}" --json --force -o 'odd "name" \ é.h5'
check "json: odd file names are escaped" '[ $status = 0 ] && parses run silent responsive && [ -s '\''odd "name" \ é.h5'\'' ]'
rm -f odd*

chaland run "$quickstart" "${short[@]}" --quiet --force -o j.h5
check "json: run --quiet is silent" '[ $status = 0 ] && nothing_told && nothing_said'
chaland compare j.h5 --quiet
check "json: compare --quiet is silent" '[ $status = 0 ] && nothing_told && nothing_said'
chaland run "$quickstart" "${short[@]}" --quiet -o j.h5
check "json: errors are told all the same" '[ $status = 73 ] && nothing_told && said "j.h5"'

# Usage errors, help, version: exit codes and hints.
# shellcheck shell=bash disable=SC2154

chaland
check "usage: alone, help on standard error and exit 2" '[ $status = 2 ] && said "chaland run quickstart" && nothing_told'
for words in --help -h help; do
    chaland $words
    check "usage: $words" '[ $status = 0 ] && told "Exit codes" && nothing_said'
done
for name in run compare report validate explain schema init calibrate; do
    chaland --help
    check "usage: --help lists $name" "told '  $name '"
    chaland $name --help
    check "usage: $name --help" "[ \$status = 0 ] && told 'chaland $name' && told '--help' && nothing_said"
    cp "$tmp/out" "$tmp/help"
    chaland help $name
    check "usage: help $name is the same" 'cmp -s "$tmp/out" "$tmp/help"'
done
chaland --help
check "usage: help fits 130 columns" '! grep -qE "^.{131}" "$tmp/out"'

refuses "usage: unknown command" 2 "unknown command 'rnu'; did you mean 'run'?" rnu
refuses "usage: unknown command, nothing near" 2 "unknown command 'frobnicate'; chaland --help lists them" frobnicate
refuses "usage: mistyped --version" 2 "did you mean '--version'?" --versoin
refuses "usage: help of an unknown command" 2 "did you mean 'compare'?" help compar
refuses "usage: unknown option" 2 "unknown option '--frce' of 'run'; did you mean --force?" run "$quickstart" --frce
refuses "usage: option of another command" 2 "unknown option '--confidence' of 'run'" run "$quickstart" --confidence 0.9
refuses "usage: unknown letter" 2 "unknown option '-x' of 'run'" run "$quickstart" -x
refuses "usage: missing operand" 2 "'run' needs a SCENARIO, such as: chaland run" run
refuses "usage: missing file operand" 2 "'compare' needs a FILE, such as: chaland compare" compare
refuses "usage: two operands" 2 "'b.yaml' is one argument too many for 'run'" run a.yaml b.yaml
refuses "usage: operand where none is taken" 2 "one argument too many for 'schema'" schema extra
refuses "usage: option without its value" 2 "--threads needs a value: --threads N" run "$quickstart" --threads
refuses "usage: not a number" 2 "--threads: 'two' is not a whole number" run "$quickstart" --threads two
refuses "usage: negative number" 2 "--threads: '-3' is not a whole number" run "$quickstart" --threads -3
refuses "usage: empty value" 2 "--threads: '' is not a whole number" run "$quickstart" --threads=
refuses "usage: a value for a flag" 2 "--force takes no value" run "$quickstart" --force=maybe
refuses "usage: confidence in percent" 2 "--confidence: '95' is not a number between 0 and 1" compare x.h5 --confidence 95
refuses "usage: unknown scheduler" 2 "--scheduler: 'quick' is unknown; write parallel or oracle" run "$quickstart" --scheduler quick
refuses "usage: unknown progress" 2 "--progress: 'maybe' is unknown" run "$quickstart" --progress maybe
refuses "usage: unknown policy" 2 "there is no policy 'responsiv'" run "$quickstart" --policy responsiv
refuses "usage: no replications" 2 "allowed: a whole number from 1 to" run "$quickstart" -n 0
refuses "usage: seed too large" 2 "seed is '99999999999', which is too large" run "$quickstart" --seed 99999999999
refuses "usage: missing scenario" 2 "nosuch.yaml: error[E001]: no such file" run nosuch.yaml
refuses "usage: mistyped shipped scenario" 2 "no file or shipped scenario 'quikstart'; did you mean 'quickstart'?" run quikstart
refuses "usage: and the shipped ones are listed" 2 "shipped ones are angers_soldes, commission_sweep, consent_sweep, courier_launch, quickstart" run nosuch
refuses "usage: no threads" 2 "--threads: 0 threads run nothing" run "$quickstart" --threads 0
refuses "usage: missing scenario to validate" 2 "no such file" validate nosuch.yaml
refuses "usage: missing scenario to calibrate" 2 "no such file" calibrate nosuch.yaml
refuses "usage: missing scenario to explain with" 2 "no such file" explain consent --scenario nosuch.yaml
refuses "usage: missing result" 2 "nosuch.h5: cannot be opened: No such file" compare nosuch.h5
refuses "usage: --set without =" 2 "there is no '=' in this --set" validate "$quickstart" --set population.sample
refuses "usage: --set of an unknown key" 2 "did you mean 'transparency'?" validate "$quickstart" --set consent.transparancy=1
refuses "usage: --set with a wrong unit" 2 "duration is '3 kg', whose unit 'kg' is not known" run "$quickstart" --set "duration=3 kg" -o unit.h5
check "usage: and nothing is written" '[ ! -e unit.h5 ] && no_part unit.h5'
refuses "usage: --set of a pure number in percent" 2 "write '0.8' without a unit" validate "$quickstart" --set consent.transparency=80%
refuses "usage: --set of another dimension" 2 "which is a length" run "$quickstart" --set duration=3m
refuses "usage: --set with a comma decimal" 2 "population.sample" run "$quickstart" --set population.sample=0,5
refuses "usage: --set out of range" 2 "population.sample" run "$quickstart" --set population.sample=7

chaland run "$quickstart" "${short[@]}" -n1 -q -fo attached.h5 # "-fo": letters do not gather
check "usage: letters do not gather" '[ $status = 2 ] && said "unknown option '\''-fo'\''"'
chaland run "$quickstart" "${short[@]}" -n1 -q -oattached.h5
check "usage: values may stick to a letter" '[ $status = 0 ] && [ -s attached.h5 ]'
chaland run --quiet "${short[@]}" --force -o attached.h5 -- "$quickstart"
check "usage: operand after --" '[ $status = 0 ]'
chaland run quickstart "${short[@]}" --quiet --force -o attached.h5
check "usage: a shipped scenario by its name" '[ $status = 0 ]'
rm -f attached.h5
chaland validate "$quickstart" --set "duration=3 weeks"
check "usage: units may be written as people do" '[ $status = 0 ]'
for words in schema "explain --all"; do
    # shellcheck disable=SC2086
    "$program" $words 2>"$tmp/err" | head -n 1 >"$tmp/out"
    status=${PIPESTATUS[0]}
    check "usage: $words to a reader that leaves early" '[ $status = 0 ] && nothing_said'
done

chaland --version
check "usage: --version is one line" '[ $status = 0 ] && [ "$(wc -l <"$tmp/out")" = 1 ] && grep -qE "^chaland [0-9]+\.[0-9]+\.[0-9]+ \(" "$tmp/out" && nothing_said'
chaland --version -v
check "usage: --version -v tells libraries" 'told "HDF5 " && told "GSL " && told "libyaml " && told "OpenMP "'

# Ctrl-C and TERM during a run: 75, finished runs are kept and the same command goes on; a file from before is untouched. Where
# nothing is kept (calibrate, rerun) 130 and 143.
# shellcheck shell=bash disable=SC2154

# interrupted SIGNAL COMMAND OPTIONS...: minutes of work that get the signal after a second, and again until they end
interrupted() {
    local signal=$1 name=$2 pid
    shift 2
    command="$name ... $* then kill -$signal"
    "$program" "$name" "$quickstart" --set population.shoppers=300 --set duration=2000d "$@" >"$tmp/out" 2>"$tmp/err" &
    pid=$!
    sleep 1
    for _ in $(seq 20); do
        kill -s "$signal" $pid 2>/dev/null || break
        for _ in $(seq 30); do
            kill -0 $pid 2>/dev/null || break 2
            sleep 0.1
        done
    done
    wait $pid
    status=$?
}

interrupted INT run -o stop.h5
check "signals: INT gives 75" '[ $status = 75 ] && said "stopped by signal 2" && said "the same command goes on" && nothing_told'
check "signals: and writes no file" '[ ! -e stop.h5 ]'
interrupted TERM run -o stop.h5 --threads 4
check "signals: TERM gives 75" '[ $status = 75 ] && said "stopped by signal 15" && [ ! -e stop.h5 ]'
sum=$(sha256sum <a.h5)
interrupted INT run -o a.h5 --force --json
check "signals: a file from before is untouched" '[ $status = 75 ] && [ "$(sha256sum <a.h5)" = "$sum" ]'
check "signals: --json tells the code" 'checks error 75 <"$tmp/out"'
interrupted INT run -o stop.h5 -n 1 --policy silent --set population.shoppers=3000 --threads 2 --tile 4
check "signals: also inside a single run" '[ $status = 75 ] && [ ! -e stop.h5 ]'
chaland run "$quickstart" "${short[@]}" -n 200 --reproducible -o undisturbed.h5
chaland run "$quickstart" "${short[@]}" -n 200 --reproducible -o stop.h5 --max-time 0.5 --threads 1
check "signals: --max-time gives 75 and keeps what is done" '[ $status = 75 ] && said "the time limit" && kept stop.h5'
chaland run "$quickstart" "${short[@]}" -n 200 --reproducible -o stop.h5
check "signals: the same command goes on" '[ $status = 0 ] && said "of an earlier attempt"'
check "signals: to the same bytes, and leaves nothing behind" 'cmp -s stop.h5 undisturbed.h5 && no_part stop.h5 && ! kept stop.h5'
rm -f stop.h5
"$program" run "$quickstart" "${short[@]}" -n 200 --reproducible -q -o stop.h5 --threads 1 2>/dev/null &
sleep 0.6
kill -9 $!
wait $! 2>/dev/null
before=$(cat stop.h5.*.runs 2>/dev/null | grep -ac 'run1')
chaland run "$quickstart" "${short[@]}" -n 200 --reproducible -o stop.h5
check "signals: after kill -9 too" '[ $status = 0 ] && { [ "$before" = 0 ] || said "of an earlier attempt"; } && cmp -s stop.h5 undisturbed.h5 && ! kept stop.h5'
"$program" run "$quickstart" "${short[@]}" -n 200 --reproducible -q -o stop.h5 --force --max-time 0.4 --threads 1 2>/dev/null
chaland run "$quickstart" "${short[@]}" -n 200 --seed 2 --reproducible -o stop.h5 --force
cp stop.h5 other.h5
chaland run "$quickstart" "${short[@]}" -n 200 --seed 2 --reproducible -o other.h5 --force
check "signals: another scenario takes nothing of it" '[ $status = 0 ] && cmp -s stop.h5 other.h5'
rm -f stop.h5 other.h5 a.h5.*.runs stop.h5.*.runs
interrupted INT calibrate -o stop.yaml
check "signals: calibrate" '[ $status = 130 ] && nothing_told && [ ! -e stop.yaml ]'

# NAME.status.json while a run goes on, and `chaland watch`: on a terminal and not, to every end that a run can have.
# shellcheck shell=bash disable=SC2154

on_terminal() { try "$python" "$root/tests/cli/terminal.py" "$@"; }
# field KEY: of the JSON on standard output
field() { "$python" -c 'import json, sys; d = json.load(open(sys.argv[1])); print(*(eval("d" + k) for k in sys.argv[2:]))' "$tmp/out" "$@" 2>&1; }
# begins OUTPUT OPTIONS...: minutes of work in the background, with its status already there; $runner is its process
begins() {
    local out=$1
    shift
    rm -f "${out%.h5}.status.json"
    "$program" run "$quickstart" --set population.shoppers=300 --set duration=3d -n 2000 -q --policy responsive -o "$out" "$@" >/dev/null 2>"$tmp/run.err" &
    runner=$!
    for _ in $(seq 50); do
        [ -s "${out%.h5}.status.json" ] && return
        sleep 0.1
    done
}
ends() { kill -s "$1" $runner 2>/dev/null; wait $runner 2>/dev/null; }

# ---- a run that is done
mkdir -p live
chaland run "$quickstart" "${short[@]}" -o live/a.h5 --json
cp "$tmp/out" "$tmp/run.json"
check "live: a run leaves its status beside its results" '[ $status = 0 ] && [ -s live/a.status.json ] && [ "$(wc -l <live/a.status.json)" = 1 ] && [ "$(ls live | xargs)" = "a.h5 a.status.json" ]'
try cat live/a.status.json
check "live: which is JSON, and done" 'checks keys program version git_commit scenario output host pid threads baseline confidence started_at updated_at state phase exit_code message elapsed_s runs runs_done simulated_days simulated_days_done events events_per_s eta_s rss_bytes peak_rss_bytes figures points <"$tmp/out" &&
    [ "$(field "[\"state\"]" "[\"exit_code\"]" "[\"runs_done\"]" "[\"simulated_days_done\"]" "[\"output\"]")" = "done 0 4 4 a.h5" ]'
"$python" -c "import json; print(*sorted(json.load(open('live/a.status.json'))), sep='\n')" >"$tmp/keys"
sed -n '/^## NAME.status.json/,/^## [^N]/p' "$root/docs/OUTPUT.md" | sed -nE 's/^\| (`[^|]*`) \|.*/\1/p' | grep -oE '[a-z_]+' | sort >"$tmp/documented"
check "live: docs/OUTPUT.md lists its keys" 'cmp -s "$tmp/keys" "$tmp/documented"'
check "live: its events are those of the run" '[ "$(field "[\"events\"]")" = "$("$python" -c "import json; print(json.load(open(\"$tmp/run.json\"))[\"events\"])")" ]'
try "$python" - live/a.status.json "$tmp/run.json" <<'P'
import json, sys
status, run = (json.load(open(f)) for f in sys.argv[1:])
point, = status["points"]
assert set(point["kpi"]) == {"silent", "responsive"} and set(point["difference"]) == {"responsive"}, point
names = [f["name"] for f in status["figures"]]
assert names[:2] == ["retail_profit", "unwanted_per_person_week"] and status["figures"][0]["primary"], names
for policy, figures in point["kpi"].items():
    for name, got in figures.items():
        for key, value in got.items():
            want = run["kpi"][policy][name][key]
            assert (value is None) == (want is None) and (value is None or abs(value - want) <= 1e-6 * abs(want)), (name, key, value, want)
both = point["kpi"]["responsive"]["net_sales"]["mean"] - point["kpi"]["silent"]["net_sales"]["mean"]
assert abs(point["difference"]["responsive"]["net_sales"]["mean"] - both) < 1e-6 * abs(point["kpi"]["silent"]["net_sales"]["mean"])
P
check "live: its figures are those of the run" '[ $status = 0 ]'
for word in live/a.status.json live/a.h5 live; do
    chaland watch $word
    check "live: watch $word, when all is over" '[ $status = 0 ] && nothing_said && told "quickstart: done; the results are in a.h5" && told "100 %  4 of 4 runs" && told "* retail_profit" && told "responsive - silent" && told "result  live/a.h5" && ! grep -q "$(printf "\033")" "$tmp/out"'
done
chaland watch live --json
check "live: watch --json" '[ $status = 0 ] && checks keys file state age_s status <"$tmp/out" && [ "$(field "[\"state\"]" "[\"status\"][\"runs\"]")" = "done 4" ]'
chaland watch live/a.h5 --once --color always
check "live: --color always colours" '[ $status = 0 ] && grep -q "$(printf "\033\\[32mquickstart")" "$tmp/out"'
on_terminal 80x50 -- env NO_COLOR=1 "$program" watch live/a.h5
check "live: NO_COLOR is honoured on a terminal" '[ $status = 0 ] && told "quickstart: done" && ! grep -q "$(printf "\033")" "$tmp/out"'
on_terminal 80x50 -- "$program" watch live/a.h5
check "live: else there are colours, and lines fit" '[ $status = 0 ] && grep -q "$(printf "\033\\[32m")" "$tmp/out" && ! sed "s/\x1b\[[0-9;]*m//g; s/\r//" "$tmp/out" | grep -qE "^.{81}"'
sed 's/"updated_at": "[^"]*"//' live/a.status.json >"$tmp/before"
chaland run "$quickstart" "${short[@]}" -o live/a.h5 -q
check "live: a run that is refused leaves it as it was" '[ $status = 73 ] && sed "s/\"updated_at\": \"[^\"]*\"//" live/a.status.json | cmp -s - "$tmp/before"'

# ---- what is there already
echo '{"mine": 1}' >live/b.status.json
chaland run "$quickstart" "${short[@]}" -o live/b.h5 -q
check "live: another file of that name stays as it is" '[ $status = 0 ] && nothing_said && [ "$(cat live/b.status.json)" = "{\"mine\": 1}" ]'
refuses "live: and is no status" 2 "live/b.status.json: is no status of a run" watch live/b.h5
mkdir live/c.status.json
chaland run "$quickstart" "${short[@]}" -o live/c.h5 -q
check "live: a folder of that name is no obstacle" '[ $status = 0 ] && nothing_said && [ -s live/c.h5 ] && [ -d live/c.status.json ] && no_part live/c'
rmdir live/c.status.json
refuses "live: no such file" 2 "live/nosuch.status.json: no such file; \`chaland run\` writes it" watch live/nosuch.h5
mkdir -p live/none
refuses "live: nothing in the folder" 2 "live/none: no run tells its status in this folder" watch live/none
printf '{"schema_version": 1, "program": "chaland", ' >live/half.status.json
refuses "live: half a file" 2 "live/half.status.json: is no status of a run" watch live/half.status.json
rm live/half.status.json

# ---- a run that goes on
begins live/on.h5
sleep 1.3
chaland watch live/on.h5 --once --json
check "live: a run that goes on" '[ $status = 0 ] && nothing_said && [ "$(field "[\"state\"]" "[\"status\"][\"pid\"]" "[\"status\"][\"exit_code\"]" "[\"status\"][\"eta_s\"]>0" "[\"status\"][\"runs_done\"]>0")" = "running $runner None True True" ]'
chaland watch live/on.h5 --once
check "live: in words" '[ $status = 0 ] && told "quickstart: running  (process $runner on " && told " left" && told "of the runs that are finished"'
on_terminal 80x24 "5:wait Ctrl-C ends the watching" "0.2:size 50x12" "1.2:type \\x03" -- "$program" watch live/on.h5
check "live: Ctrl-C ends the watching, not the run, and gives the screen back" '[ $status = 130 ] && kill -0 $runner && told "the run goes on; chaland watch live/on.status.json looks at it again" &&
    grep -q "$(printf "\033\\[?1049h")" "$tmp/out" && grep -q "$(printf "\033\\[?25h\033\\[?1049l")" "$tmp/out"'
check "live: what is drawn fits, before and after the window is made smaller" '"$python" - "$tmp/out" <<P
import re, sys
screens = open(sys.argv[1], "rb").read().decode().split("\x1b[H")[1:]
lines = [[len(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", l)) for l in s.split("\x1b[?25h")[0].replace("\r", "").split("\n")] for s in screens]
assert max(lines[0]) > 60 and max(map(max, lines)) <= 80 and len(lines[0]) <= 24, lines
assert max(lines[-1]) <= 50 and len(lines[-1]) <= 12, lines[-1]
P'
try timeout -s INT 1 "$program" watch live/on.h5
check "live: plain lines where there is no terminal" 'grep -qE "^[0-9:]{8} +[0-9]+ %  [0-9]+ of 4000 runs  [0-9.]+ M events/s  .* left$" "$tmp/out" && ! grep -q "$(printf "\033")" "$tmp/out"'
"$program" watch live/on.h5 >"$tmp/watch.out" 2>"$tmp/watch.err" &
watcher=$!
ends TERM
wait $watcher
status=$?
command="watch a run that gets TERM"
cp "$tmp/watch.out" "$tmp/out"
cp "$tmp/watch.err" "$tmp/err"
check "live: who watches a run that is stopped gets 75" '[ $status = 75 ] && said "the run was stopped: stopped by " && told "quickstart: stopped by a signal"'
chaland watch live/on.h5 --json
check "live: its status says so" '[ $status = 75 ] && [ "$(field "[\"state\"]" "[\"status\"][\"exit_code\"] in (75, 143)")" = "stopped True" ]'

begins live/killed.h5
ends KILL
chaland watch live/killed.h5
check "live: a killed one is noticed" '[ $status = 75 ] && said "process $runner is gone without a word" && said "run it again" && told "killed or crashed"'
sed -i 's/"host": "[^"]*"/"host": "elsewhere"/' live/killed.status.json
touch -d '2 minutes ago' live/killed.status.json
chaland watch live/killed.h5 --once --json
check "live: on another machine its silence is" '[ $status = 75 ] && said "nothing was heard of process $runner on elsewhere" && [ "$(field "[\"state\"]")" = silent ]'
(
    ulimit -f 100
    "$program" run "$quickstart" "${short[@]}" -q -o live/full.h5 2>/dev/null
)
chaland watch live/full.h5
check "live: a run that fails is told with its message" '[ $status = 74 ] && said "the run failed with exit code 74: live/full.h5" && told "failed with exit code 74"'

# ---- what goes to a terminal fits
on_terminal 80x24 -- bash -c 'for words in --help "run --help" "compare live/a.h5" "explain consent" "run quikstart"; do "$0" $words; done' "$program"
check "live: what is told fits 80 columns" 'told "find the need rates" && told "--perturb SEED" && told "* retail_profit" && told "consent.transparency" && told "did you mean" && ! sed "s/\x1b\[[0-9;]*m//g; s/\r//" "$tmp/out" | grep -E "^.{81}"'
on_terminal 80x24 -- "$program" validate "$quickstart" --set consent.transparancy=1
check "live: errors are in colour on a terminal" '[ $status = 2 ] && grep -q "$(printf "\033\\[1;31merror\\[E014\\]")" "$tmp/out"'
refuses "live: --color takes three words" 2 "--color: 'red' is unknown; write auto, always or never" validate "$quickstart" --color red

# Memory: what --dry-run foretells is what a run takes, and what does not fit is refused before it starts.
# shellcheck shell=bash disable=SC2154

# foretold NAME SCENARIO ARGUMENTS...: the peak by --dry-run is within 15 % of the peak that the system saw
foretold() {
    local name=$1
    shift
    command="run $*"
    status=0
    "$python" - "$program" "$@" >"$tmp/out" 2>"$tmp/err" <<'PYTHON' || status=$?
import json, os, subprocess, sys
command = [sys.argv[1], "run", *sys.argv[2:]]
foretold = json.loads(subprocess.run([*command, "--dry-run", "--json"], stdout=subprocess.PIPE, check=True).stdout)["peak_rss_bytes"]
child = subprocess.Popen([*command, "--quiet", "--force", "-o", "memory.h5"])
_, status, usage = os.wait4(child.pid, 0)
ratio = foretold / (usage.ru_maxrss * 1024)
print(f"{foretold / 1e6:.1f} MB foretold, {usage.ru_maxrss * 1.024e-3:.1f} MB taken: {ratio:.3f}")
sys.exit(status != 0 or not 0.85 <= ratio <= 1.15)
PYTHON
    check "$name" '[ $status = 0 ]'
}

angers=$root/scenarios/angers_soldes.yaml
if nm "$program" 2>/dev/null | grep -qE '__(asan|tsan|ubsan)_'; then
    echo "skip memory: sanitizers take memory of their own"
else
    foretold "memory: quickstart is foretold" "$quickstart" -n 2
    foretold "memory: threads side by side are foretold" "$quickstart" -n 3 --threads 6 --set duration=2d --set outputs.maps=full
    foretold "memory: a small city is foretold" "$angers" -n 1 --policy silent --set population.sample=0.1 --set duration=12h --set warmup=0d
    foretold "memory: a large city is foretold" "$angers" -n 1 --policy silent --set population.sample=1 --set duration=12h --set warmup=0d
    try bash -c "ulimit -v 90000; exec '$program' run '$angers' -n 1 --policy silent --threads 1 -o limit.h5"
    check "memory: what does not fit is refused" '[ $status = 69 ] && said "the runs need 0.0" && said "left by the limit of ulimit -v; lower population.sample" && nothing_told'
    check "memory: in one line" '[ "$(wc -l <"$tmp/err")" = 1 ]'
    check "memory: before it starts, and nothing is written" '[ ! -e limit.h5 ]'
    try bash -c "ulimit -v 90000; exec '$program' run '$angers' -n 1 --policy silent --threads 1 --set population.shoppers=90000000 -o limit.h5"
    check "memory: giants are refused before they are made" '[ $status = 69 ] && said "90000000 people need" && said "ulimit -v"'
    SLURM_MEM_PER_NODE=30 try "$program" run "$angers" -n 1 --policy silent --threads 1 -o limit.h5
    check "memory: the job's limit counts" '[ $status = 69 ] && said "left by SLURM_MEM_PER_NODE"'
    try bash -c "ulimit -v 90000; exec '$program' run '$quickstart' -n 1 --policy silent --threads 1 --quiet -o fits.h5"
    check "memory: what fits is run" '[ $status = 0 ]'
fi

# What the tests of sweeps share: a small sweep, its undisturbed result, and ways to disturb it.
# shellcheck shell=bash disable=SC2154,SC2034
# Wanted before: root, program, tmp. Runs in $tmp.

unset CHALAND_SHARE OMP_NUM_THREADS SLURM_CPUS_PER_TASK SLURM_MEM_PER_NODE
for name in $(env | sed -nE 's/^((SLURM|PBS|SGE|LSB|OMPI|PMI|PMIX|HQ|FLUX)_[A-Z_]*|JOB_ID)=.*/\1/p'); do unset "$name"; done
export LC_ALL=C.UTF-8

status=0
command=
try() { # COMMAND...: keeps status, standard output and standard error
    command=$*
    "$@" >"$tmp/out" 2>"$tmp/err"
    status=$?
}
check() { # NAME CONDITION
    if eval "$2"; then
        echo "ok $1"
        return
    fi
    echo "FAIL $1: $2"
    echo "     after: $command"
    echo "     status $status"
    tail -n 5 "$tmp/out" | cut -c1-300 | sed 's/^/     out: /'
    tail -n 5 "$tmp/err" | cut -c1-300 | sed 's/^/     err: /'
}
said() { grep -qF -- "$1" "$tmp/err"; }
told() { grep -qF -- "$1" "$tmp/out"; }
sweep() { try "$program" sweep "$@"; }

# small FILE [MORE]: 48 runs of some milliseconds, in chunks of 4
small() {
    cat >"$1" <<YAML
chaland: 1
name: small
extends: quickstart
duration: 1 d
warmup: 0 d
replications: ${2:-4}
population: {shoppers: ${3:-200}}
policies: [silent, responsive]
sweep:
  consent.transparency: [0.2, 0.5, 0.8]
  devices.app: [30 %, 60 %]
YAML
}
# fresh DIR: a plan without any run
fresh() {
    rm -rf "$1"
    cp -r "$tmp/plan" "$1"
}
merged_alike() { cmp -s "$1/merged.h5" "$tmp/undisturbed/merged.h5" && cmp -s "$1/runs.csv" "$tmp/undisturbed/runs.csv"; }
# finishes NAME DIR: run and merge give the undisturbed bytes, and no part is left
finishes() {
    sweep run "$2" -q
    check "$1: the same command goes on" '[ $status = 0 ]'
    sweep merge "$2"
    check "$1: to the same bytes" "[ \$status = 0 ] && merged_alike '$2' && ! compgen -G '$2/chunks/*/*.part' >/dev/null"
}

prepare() {
    small "$tmp/small.yaml"
    "$program" sweep plan "$tmp/small.yaml" -o "$tmp/plan" --chunk-runs 4 >/dev/null 2>&1
    fresh "$tmp/undisturbed"
    sweep run "$tmp/undisturbed" --threads 1 -q
    check "a sweep runs" '[ $status = 0 ] && told "state=complete" && told "done=48/48" && told "closed=12/12"'
    sweep merge "$tmp/undisturbed"
    check "and merges" '[ $status = 0 ] && told "state=complete"'
}

# ---- rows ------------------------------------------------------------------------------------------------------------------

# Kills a sweep at random moments, chunks being closed and the merge being among them, until it gets through.
# kills COUNT run|merge
kills() {
    local turn=0 pid delay
    [ "$2" = merge ] || fresh "$tmp/killed"
    RANDOM=${CH_SEED:-4711}
    while [ $turn -lt "$1" ]; do
        turn=$((turn + 1))
        # Half of them soon after the work begins, and with chunks of 4 runs one is closed every few moments.
        delay=$(awk -v r=$RANDOM -v part="$2" 'BEGIN {printf "%.3f", (part == "merge" ? 0.01 : 0.05) + r / 32768 * (part == "merge" ? 0.3 : 0.6)}')
        if [ "$2" = merge ]; then
            "$program" sweep merge "$tmp/killed" >/dev/null 2>&1 &
        else
            "$program" sweep run "$tmp/killed" --threads 2 -q >/dev/null 2>&1 &
        fi
        pid=$!
        sleep "$delay"
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        # All done before the last kill: forget two chunks, so that there is work to kill.
        if [ "$2" != merge ] && "$program" sweep status "$tmp/killed" >/dev/null 2>&1; then
            rm -f "$tmp/killed/chunks/000/00000"[$((RANDOM % 5))$((5 + RANDOM % 5))].h5
        fi
    done
}

# A tail torn anywhere in its last record is cut, and the run done again: `step` bytes apart.
torn_tail() {
    local part size cut bad=
    fresh "$tmp/torn"
    "$program" sweep run "$tmp/torn" --threads 1 -q --max-time 0.15 >/dev/null 2>&1
    for part in $(compgen -G "$tmp/torn/chunks/*/*.part"); do break; done
    if [ -z "${part:-}" ]; then # it was at a chunk's edge
        sweep run "$tmp/torn" -q
        return
    fi
    size=$(stat -c %s "$part")
    cp "$part" "$tmp/whole.part"
    for cut in $(seq 1 "$1" $((size - 17 < 9000 ? size - 17 : 9000))); do
        head -c $((size - cut)) "$tmp/whole.part" >"$part"
        "$program" sweep status "$tmp/torn" >"$tmp/out" 2>"$tmp/err"
        [ $? = 3 ] || bad="$bad $cut"
    done
    check "a tail torn at any byte is cut" '[ -z "$bad" ]'
    finishes "torn tail" "$tmp/torn"
}

# stops NAME COMMAND: a sweep of some seconds gets what COMMAND does with $pid and must end with 75 within a second
stops() {
    local pid begun ended
    fresh_long "$tmp/stopped"
    command="sweep run, then $2"
    "$program" sweep run "$tmp/stopped" --threads 2 -q >"$tmp/out" 2>"$tmp/err" &
    pid=$!
    sleep 0.7
    begun=$(date +%s%N)
    eval "$2"
    wait $pid
    status=$?
    ended=$(date +%s%N)
    check "$1 stops with 75" '[ $status = 75 ] && told "state=stopped" && said "the same command goes on"'
    [ -z "${CH_TIMES:-}" ] || echo "$1: $(((ended - begun) / 1000000)) ms" >&2
    rm -f "$tmp/stopped/stop"
}
fresh_long() {
    rm -rf "$1"
    [ -d "$tmp/longplan" ] || {
        sed 's/^replications: .*/replications: 500/; s/shoppers: .*/shoppers: 600}/' "$tmp/small.yaml" >"$tmp/long.yaml"
        "$program" sweep plan "$tmp/long.yaml" -o "$tmp/longplan" --chunk-runs 100 >/dev/null 2>&1
    }
    cp -r "$tmp/longplan" "$1"
}

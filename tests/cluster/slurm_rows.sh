# Rows 4 to 7 of the plan of tests, on the Slurm that slurm.sh has started. No real time limit is waited for: Slurm counts them in
# minutes.
# shellcheck shell=bash disable=SC2154

gone() { # JOB SECONDS: waits until no task of the job is in the queue
    local _
    for _ in $(seq $(($2 * 5))); do
        [ -z "$(squeue -h -j "$1" 2>/dev/null)" ] && return 0
        sleep 0.2
    done
    command="squeue after $2 s"
    squeue >"$tmp/out" 2>&1
    return 1
}
state_of() { squeue -h -j "$1" -o %T 2>/dev/null | head -1; }
now() { # JOB: a requeued job is not to wait its two minutes
    sleep 2.2
    scontrol update "jobid=$1" StartTime=now >/dev/null 2>&1
}
script_of() { # DIR SHARDS: the script that we print, with little memory
    "$program" sweep script "$tmp/$1" --for slurm --jobs "$2" --mem 100M --time 00:10:00 >"$1.sh"
}
# Longer runs, for jobs that are to be met while they run: some 20 s of work.
sed 's/^replications: .*/replications: 60/; s/shoppers: .*/shoppers: 600}/' "$tmp/small.yaml" >"$tmp/middle.yaml"
"$program" sweep plan "$tmp/middle.yaml" -o "$tmp/middle" --chunk-runs 60 >/dev/null 2>&1
cp -r "$tmp/middle" "$tmp/middle_done"
"$program" sweep run "$tmp/middle_done" -q >/dev/null 2>&1
"$program" sweep merge "$tmp/middle_done" >/dev/null 2>&1
same_middle() { cmp -s "$1/merged.h5" "$tmp/middle_done/merged.h5"; }

# ---- row 4: an array and the merge behind it -----------------------------------------------------------------------------------
fresh array
script_of array 5
try sbatch --test-only array.sh
check "row 10: Slurm accepts the script" '[ $status = 0 ]'
job=$(sbatch --parsable array.sh)
merge=$(sbatch --parsable --mem=100 -o merge.log -d "afterany:$job" --wrap "'$program' sweep merge array")
check "row 4: array and merge run" 'gone "$merge" 120'
check "row 4: to the same bytes" 'merged_alike array'

# ---- row 5: a task is killed ---------------------------------------------------------------------------------------------------
cp -r middle task
script_of task 2
job=$(sbatch --parsable task.sh)
for _ in $(seq 100); do
    [ "$(squeue -h -j "$job" -t R | wc -l)" -ge 1 ] && compgen -G "task/chunks/*/*.part" >/dev/null && break
    sleep 0.1
done
sleep 0.5
pid=$(pgrep -f "sweep run $tmp/task --shard 0/2" | head -1)
[ -z "$pid" ] || kill -9 "$pid"
merge=$(sbatch --parsable --mem=100 -o merge5.log -d "afterany:$job" --wrap "'$program' sweep merge task; echo code=\$?")
check "row 5: the merge runs after a killed task" 'gone "$merge" 180'
check "row 5: and says that it is not complete (3)" 'grep -q "code=3" merge5.log'
job=$(sbatch --parsable --array="$("$program" sweep status task --missing-shards 2)" task.sh)
check "row 5: the shards that miss something, again" 'gone "$job" 180'
sweep merge task
check "row 5: to the same bytes" '[ $status = 0 ] && same_middle task'

# ---- row 6: stopped by a signal, started again by Slurm --------------------------------------------------------------------------
cp -r middle signal
script_of signal 1
job=$(sbatch --parsable signal.sh)
for _ in $(seq 150); do
    compgen -G "signal/chunks/*/*.part" >/dev/null && break
    sleep 0.1
done
scancel -b --signal=USR1 "${job}_0"
for _ in $(seq 100); do
    [ "$(state_of "$job")" = PENDING ] && break
    sleep 0.1
done
check "row 6: after 75 the job waits for its second start" '[ "$(state_of "$job")" = PENDING ] && grep -q "state=stopped" signal/shard-0.log'
now "${job}_0"
check "row 6: which ends it" 'gone "$job" 180'
sweep merge signal
check "row 6: to the same bytes" '[ $status = 0 ] && same_middle signal'

# ---- row 7: a node is lost ---------------------------------------------------------------------------------------------------------
cp -r middle node
script_of node 1
job=$(sbatch --parsable -w n2 node.sh)
for _ in $(seq 150); do
    compgen -G "node/chunks/*/*.part" >/dev/null && break
    sleep 0.1
done
lost=$(cat "$tmp/slurm/slurmd-n2.pid")
task=$(pgrep -f "sweep run $tmp/node --shard 0/1" | head -1)
step=$(ps -o ppid= -p "${task:-1}" | tr -d ' ') # the script is the program, and its parent is slurmstepd
[ -z "$task" ] || kill -9 "$lost" "$step" "$task" 2>/dev/null
for _ in $(seq 600); do
    [ "$(state_of "$job")" = PENDING ] && break
    sleep 0.1
done
check "row 7: the task of a lost node is queued again" '[ "$(state_of "$job")" = PENDING ]'
scontrol update "jobid=${job}_0" ReqNodeList= >/dev/null 2>&1
now "${job}_0"
slurmd -N n2 2>>"$tmp/slurm/log/start"
check "row 7: and ends" 'gone "$job" 180'
sweep merge node
check "row 7: with the same bytes" '[ $status = 0 ] && same_middle node'

# A private Slurm of two nodes on this machine: no root, no systemd, everything in $tmp/slurm.
# shellcheck shell=bash disable=SC2154,SC2034
# slurm_up: true when nodes n1 and n2 are idle; else $slurm_why. slurm_down ends what slurm_up began.

slurm_why=
slurm_free_port() { # FIRST: four free ports from there on
    local port=$1 i
    while :; do
        for i in 0 1 2; do
            if (exec 3<>"/dev/tcp/127.0.0.1/$((port + i))") 2>/dev/null; then port=$((port + 10)) && continue 2; fi
        done
        echo "$port"
        return
    done
}

slurm_up() {
    local tool d=$tmp/slurm host port i
    for tool in munged slurmctld slurmd sbatch; do
        command -v $tool >/dev/null 2>&1 || { slurm_why="$tool is not installed"; return 1; }
    done
    host=$(hostname -s)
    port=$(slurm_free_port $((26817 + RANDOM % 2000)))
    mkdir -p "$d/munge" "$d/state" "$d/log"
    (umask 077 && head -c 128 /dev/urandom >"$d/munge/key")
    munged --force --key-file="$d/munge/key" --socket="$d/munge/s" --pid-file="$d/munge/pid" --log-file="$d/munge/log" \
        --seed-file="$d/munge/seed" 2>"$d/munge/err" || { slurm_why="munged does not start: $(tail -1 "$d/munge/err")"; return 1; }
    cat >"$d/slurm.conf" <<CONF
ClusterName=ci
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthInfo=socket=$d/munge/s
SlurmctldPort=$port
StateSaveLocation=$d/state
SlurmdSpoolDir=$d/spool-%n
SlurmctldPidFile=$d/slurmctld.pid
SlurmdPidFile=$d/slurmd-%n.pid
SlurmctldLogFile=$d/log/slurmctld
SlurmdLogFile=$d/log/slurmd-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobCompType=jobcomp/filetxt
JobCompLoc=$d/jobcomp.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,bf_interval=2,sched_min_interval=0
ReturnToService=2
SlurmdTimeout=6
KillWait=3
RequeueExit=75
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1 RealMemory=1000 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1 RealMemory=1000 State=UNKNOWN
PartitionName=ci Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$d/slurm.conf
    slurmctld -c 2>"$d/log/start" && slurmd -N n1 2>>"$d/log/start" && slurmd -N n2 2>>"$d/log/start" ||
        { slurm_why="Slurm does not start: $(tail -1 "$d/log/start")"; return 1; }
    for i in $(seq 300); do
        [ "$(sinfo -h -N -t idle 2>/dev/null | wc -l)" = 2 ] && return 0
        sleep 0.1
    done
    slurm_why="its nodes do not come up: $(tail -1 "$d/log/slurmctld")"
    return 1
}

slurm_down() {
    local d=$tmp/slurm file
    [ -d "$d" ] || return
    command -v scancel >/dev/null 2>&1 && [ -n "${SLURM_CONF:-}" ] && scancel -u "$(id -un)" 2>/dev/null
    for file in "$d"/slurmd-n*.pid "$d/slurmctld.pid" "$d/munge/pid"; do
        [ -s "$file" ] && kill "$(cat "$file")" 2>/dev/null
    done
    sleep 0.5
    # Logs are kept when something failed.
    [ -z "${slurm_failed:-}" ] || { mkdir -p "$root/build/slurm-logs" && cp "$d"/log/* "$root/build/slurm-logs/" 2>/dev/null; }
}

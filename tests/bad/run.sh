#!/usr/bin/env bash
# Broken scenarios: each NAME.yaml must be refused with exactly the text of NAME.expected on stderr, nothing on stdout, exit
# code 2, within a second of processor time and 100 MB of memory. Hostile files too large to keep are made here.
#   tests/bad/run.sh build/release|PROGRAM            prints "ok NAME" or "FAIL NAME: why"
#   tests/bad/run.sh --update build/release|PROGRAM   writes the .expected files; read every message before you commit it
set -u
update=
if [ "${1:-}" = --update ]; then
    update=yes
    shift
fi
program=${1:-build/release}
[ -d "$program" ] && program=$program/chaland
program=$(realpath "$program") || exit 1
[ -x "$program" ] || { echo "FAIL bad: there is no program $program"; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
export CHALAND_SHARE=$here/../..
export LC_ALL=C.UTF-8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
seconds=1 megabytes=100
if nm "$program" 2>/dev/null | grep -qE '__(asan|tsan|ubsan)_'; then # sanitizers cost time and memory
    seconds=20 megabytes=
fi

fail()
{
    echo "FAIL $1: $2"
    status=1
}

# Runs the program in a folder. Leaves stdout, stderr, exit code, processor time and peak memory in $work.
validate()
{
    local folder=$1
    shift
    local TIMEFORMAT='%U %S'
    measure=
    [ -x /usr/bin/time ] && measure="/usr/bin/time -q -o $work/memory -f %M"
    { time (cd "$folder" && exec timeout 60 $measure "$program" validate "$@" >"$work/stdout" 2>"$work/stderr") ; } 2>"$work/time"
    code=$?
}

# check NAME FOLDER ARGUMENT...: the answer must be NAME.expected
check()
{
    local name=$1
    shift
    validate "$@"
    if [ -n "$update" ]; then
        cp "$work/stderr" "$here/$name.expected"
    fi
    if [ "$code" -ne 2 ]; then
        fail "$name" "exit code $code, not 2"
    elif [ -s "$work/stdout" ]; then
        fail "$name" "something on stdout: $(head -1 "$work/stdout")"
    elif ! diff -u "$here/$name.expected" "$work/stderr" >"$work/diff"; then
        fail "$name" "another message"
        sed 's/^/    /' "$work/diff"
    elif ! awk -v most="$seconds" '{exit !($1 + $2 < most)}' "$work/time"; then
        fail "$name" "took $(cat "$work/time") s"
    elif [ -n "$measure$megabytes" ] && [ -n "$megabytes" ] && [ -s "$work/memory" ] && [ "$(tail -1 "$work/memory")" -gt $((megabytes * 1024)) ]; then
        fail "$name" "took $(tail -1 "$work/memory") KiB"
    else
        echo "ok bad: $name"
    fi
}

# good NAME FOLDER ARGUMENT...: a control, must be accepted
good()
{
    local name=$1
    shift
    validate "$@"
    if [ "$code" -eq 0 ]; then
        echo "ok bad: control $name"
    else
        fail "control $name" "exit code $code: $(head -1 "$work/stderr")"
    fi
}

# ---- kept files -----------------------------------------------------------------------------------------------------
for scenario in "$here"/*.yaml; do
    name=$(basename "$scenario" .yaml)
    case $name in *_back) continue ;; esac # the other half of a circle
    check "$name" "$here" "$name.yaml"
done
for expected in "$here"/*.expected; do
    name=$(basename "$expected" .expected)
    [ -e "$here/$name.yaml" ] || case $name in made_*) ;; *) fail "$name" "no such scenario any more" ;; esac
done

# ---- made files -----------------------------------------------------------------------------------------------------
repeat() { # TEXT COUNT
    awk -v text="$1" -v n="$2" 'BEGIN {for (i = 0; i < n; i++) printf "%s", text}'
}
{ echo 'chaland: 1'; printf 'city: '; repeat '[' 100000; } >"$work/brackets.yaml"
{ echo 'chaland: 1'; printf 'city: '; repeat '{a: ' 20000; } >"$work/braces.yaml"
{ echo 'chaland: 1'; repeat '- ' 5000; } >"$work/dashes.yaml"
{
    echo 'chaland: 1'
    echo 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
    for i in 1 2 3 4 5 6 7 8 9; do
        p=$((i - 1))
        echo "a$i: &a$i [*a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p]"
    done
} >"$work/bomb.yaml"
{ echo 'chaland: 1'; printf 'question: '; repeat 0123456789 200000; } >"$work/large.yaml"
{ echo 'chaland: 1'; awk 'BEGIN {for (i = 0; i < 90000; i++) printf "k%d: 1\n", i}'; } >"$work/keys.yaml"
{ echo 'chaland: 1'; printf 'seed: '; repeat 9 100000; echo; } >"$work/digits.yaml"
printf 'chaland: 1\nname: a\000b\n' >"$work/nul.yaml"
printf '\211HDF\r\n\032\n\000\000\000\000' >"$work/binary.yaml"
printf '\377\376c\000h\000a\000' >"$work/utf16.yaml"
printf 'chaland: 1\nquestion: Caf\351?\n' >"$work/latin1.yaml"
printf 'chaland: 1\nquestion: "\033[31mred"\n' >"$work/escape.yaml"
mkdir "$work/folder.yaml"
mkfifo "$work/pipe.yaml"
for name in brackets braces dashes bomb large keys digits nul binary utf16 latin1 escape folder pipe missing; do
    check "made_$name" "$work" "$name.yaml"
done
check made_set_without_value "$here/../.." scenarios/quickstart.yaml --set population.sample
check made_set_unknown_key "$here/../.." scenarios/quickstart.yaml --set population.sampel=0.1
check made_set_wrong_unit "$here/../.." scenarios/quickstart.yaml --set seed=3 --set "city.block=100 s"
check made_set_open_list "$here/../.." scenarios/quickstart.yaml --set "population.privacy=[0.2, 0.3"

# ---- controls: odd, but fine -----------------------------------------------------------------------------------------
printf '\357\273\277chaland: 1\r\npopulation:\r\n  sample:\t0.5\t# tabs\r\n' >"$work/odd.yaml"
good "byte order mark, CR LF, tabs" "$work" odd.yaml
printf 'chaland: 1\nduration: &t 2 d\nwarmup: *t\n' >"$work/alias.yaml"
good "an alias" "$work" alias.yaml

# ---- a locale with decimal commas changes nothing ----------------------------------------------------------------------
if ! LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 0.5' 2>/dev/null | grep -q '0,5' && command -v localedef >/dev/null 2>&1; then
    mkdir "$work/locale"
    localedef -i de_DE -f UTF-8 "$work/locale/de_DE.UTF-8" >/dev/null 2>&1
    export LOCPATH=$work/locale ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # the C library leaks with LOCPATH
fi
{ export LC_ALL=de_DE.UTF-8; } 2>/dev/null # bash itself may not find what LOCPATH holds
if python3 -c 'import locale; locale.setlocale(locale.LC_ALL, ""); assert locale.localeconv()["decimal_point"] == ","' 2>/dev/null; then
    good "comma locale" "$work" odd.yaml
    update=
    for name in comma_decimal too_large sweep_bad_value shares_do_not_sum; do
        check "$name" "$here" "$name.yaml"
    done
else
    echo "skip comma locale: de_DE.UTF-8 can be neither found nor made"
fi
exit $status

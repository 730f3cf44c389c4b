# Completion in a real bash, the scripts for zsh and fish, the manual page: all made of the same rows.
# shellcheck shell=bash disable=SC2154

mkdir -p complete
(cd complete && "$program" completion bash >bash.sh && touch x.h5 x.status.json town.yaml)
# What bash offers after these words, the last of which is unfinished: sets COMP_* as bash does, '=' taken apart, and asks.
try bash -n complete/bash.sh
check "completion: bash reads it" '[ $status = 0 ] && nothing_said'
# types WORDS: types them and two tabs on a terminal, then prints what stands there
types() { try "$python" "$root/tests/cli/terminal.py" 200x50 "1:wait bash-" "0.1:type PATH=${program%/*}:\$PATH PS1='> '\\n" "1:wait > " \
    "0.1:type source complete/bash.sh\\n" "1:wait > " "0.1:type $1\\t\\t" "2:wait ${2}" '0.3:type \x15exit\n' -- bash --norc --noprofile -i; }
types 'chaland run qui' 'run quickstart '
check "completion: scenarios, on a terminal" 'told "chaland run quickstart "'
types 'chaland r' rerun
check "completion: commands, on a terminal" 'told "report  rerun   run"'
# The rest without one: the function gets what bash gives it.
cat >complete/ask.sh <<'E2'
# ask.sh PROGRAM WORDS...: the words as bash takes them apart; prints what is offered
source bash.sh
compopt() { :; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_chaland
printf '%s\n' "${COMPREPLY[@]}"
E2
offers() { # NAME WANTED WORDS...
    local name=$1 wanted=$2
    shift 2
    try bash -c 'cd complete && exec bash ask.sh "$@"' offers "$program" "$@"
    check "completion: $name" "nothing_said && [ \"\$(sort \"\$tmp/out\" | paste -sd' ')\" = $(printf %q "$wanted") ]"
}
offers "a command" "compare completion" comp
offers "help" "--help" --he
offers "of help" "trace" help tr
offers "its options" "--only --output" run quickstart --o
offers "not those of others" "" run quickstart --bas
offers "files and folders of scenarios" "town.yaml" run to
offers "files of results" "x.h5" compare x
offers "files of status" "x.status.json" watch x
offers "keys" "consent.transparency=" run quickstart --set consent.transp
offers "keys, attached" "consent.transparency=" run quickstart --set = consent.transp
offers "no files as values of keys" "" run quickstart --set consent.transparency = x
offers "policies" "responsive" run quickstart -p resp
offers "policies, attached" "responsive" run quickstart --policy = resp
offers "one more policy" "silent,broadcast" run quickstart -p silent,bro
offers "KPIs" "net_sales" compare x.h5 -k net_sal
offers "one more KPI" "footfall,net_sales" compare x.h5 --kpi footfall,net_sal
offers "words of an option" "always auto" run quickstart --progress a
offers "nothing after a number" "" run quickstart --threads ""
offers "keys to explain" "wishlist.pool.commission" explain wishlist.pool.comm
offers "KPIs to explain" "incremental_sales" explain incremental
offers "benchmarks" "phold" bench ph
offers "shells" "zsh" completion z
# Every command and option of the program is in every script.
"$program" --help | sed -nE 's/^  ([a-z]+( [a-z]+)?)  .*/\1/p' | grep -vx chaland >complete/commands
"$program" completion zsh >complete/_chaland
"$program" completion fish >complete/chaland.fish
"$program" man >complete/chaland.1
check "completion: there are commands" '[ "$(wc -l <complete/commands)" -gt 12 ]'
missing=
while read -r name; do
    bash -c 'cd complete && exec bash ask.sh "$@"' ask "$program" $name -- >complete/bash.options
    grep -E "__chaland_runs $name'" complete/chaland.fish >complete/fish.options
    sed -n "/^    '$name')/,/;;/p" complete/_chaland >complete/zsh.options
    sed -n "/^\\.SS chaland $name/,/^\\.EX/p" complete/chaland.1 | tr -d '\\' >complete/man.options
    # shellcheck disable=SC2086
    for option in $("$program" $name --help | sed -nE 's/^  [ -][a-z ] --([a-z-]+).*/\1/p'); do
        grep -qx -- "--$option" complete/bash.options || missing="$missing bash:$name:$option"
        grep -qE " -l $option( |\$)" complete/fish.options || missing="$missing fish:$name:$option"
        grep -qE -- "--$option[=']|--$option\}" complete/zsh.options || missing="$missing zsh:$name:$option"
        case $option in help | color) continue ;; esac
        grep -qF -- "--$option" complete/man.options || missing="$missing man:$name:$option"
    done
done <complete/commands
command="completion of every option"
check "completion: every option of every command is in all of them" '[ -z "$missing" ] || { echo "$missing" >"$tmp/out"; false; }'
for shell in zsh fish; do
    if ! command -v $shell >/dev/null; then echo "skip completion: $shell is not here" && continue; fi
    script=complete/_chaland
    [ $shell = fish ] && script=complete/chaland.fish
    try $shell -n $script
    check "completion: $shell reads it" '[ $status = 0 ] && nothing_said'
done
if command -v fish >/dev/null; then
    try fish --no-config -c "set PATH ${program%/*} \$PATH; source complete/chaland.fish; complete -C 'chaland run quickstart -p silent,resp'; complete -C 'chaland explain consent.transp'"
    check "completion: fish offers policies and keys" 'told "silent,responsive" && told consent.transparency'
fi
refuses "completion: of a shell that is not known" 2 "completion: 'tcsh' is no shell known here; write bash, zsh or fish" completion tcsh
for list in keys kpis policies scenarios; do
    chaland completion $list
    check "completion: $list, one a line" '[ $status = 0 ] && nothing_said && [ "$(wc -l <"$tmp/out")" -gt 4 ] && ! grep -qv "^[a-z][a-z0-9_.]*$" "$tmp/out"'
done

# ---- the manual page
if command -v mandoc >/dev/null; then
    try mandoc -T lint -W warning complete/chaland.1
    check "man: mandoc has nothing to say" '[ $status = 0 ] && nothing_told && nothing_said'
else
    echo "skip man: mandoc is not here"
fi
if command -v groff >/dev/null; then
    try groff -man -Tutf8 -ww -z complete/chaland.1
    check "man: groff has nothing to say" '[ $status = 0 ] && nothing_told && nothing_said'
else
    echo "skip man: groff is not here"
fi
check "man: the exit codes are in it" 'grep -q "^\\\\fB74\\\\fR" complete/chaland.1 && grep -q "disk full" complete/chaland.1'

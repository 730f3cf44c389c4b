# Where results go, and what happens when they cannot: never a broken file, never one lost.
# shellcheck shell=bash disable=SC2154

run_to() { chaland run "$quickstart" "${short[@]}" -o "$@"; }
same_file() { [ "$(sha256sum <"$1")" = "$2" ]; }

run_to a.h5
check "files: a run writes its file" '[ $status = 0 ] && [ -s a.h5 ] && no_part a.h5'
check "files: and answers on standard output" 'told "Question: " && told "Answer" && told "result  a.h5" && told "next    chaland compare a.h5" && nothing_said'
check "files: lines fit 130 columns, the question aside" '! grep -v "^Question" "$tmp/out" | grep -qE "^.{131}"'
sum=$(sha256sum <a.h5)
run_to a.h5
check "files: an existing file is not overwritten" '[ $status = 73 ] && said "a.h5" && said "--force" && nothing_told'
check "files: and stays as it was" 'same_file a.h5 "$sum"'
run_to a.h5 --force --quiet
check "files: --force overwrites" '[ $status = 0 ] && ! same_file a.h5 "$sum" && nothing_told && nothing_said'
sum=$(sha256sum <a.h5)

chaland run "$quickstart" "${short[@]}" -q
check "files: without -o the name tells scenario and seed" '[ $status = 0 ] && [ -s output/quickstart-1.h5 ]'
chaland run "$quickstart" "${short[@]}" -q --seed 7
check "files: another seed, another name" '[ $status = 0 ] && [ -s output/quickstart-7.h5 ]'

# Unwritable places, also for root.
run_to nofolder/b.h5
check "files: missing folder" '[ $status = 74 ] && said "nofolder" && nothing_told'
run_to a.h5/b.h5
check "files: a file used as a folder" '[ $status = 74 ] && said "a.h5/b.h5"'
run_to /proc/chaland.h5
check "files: a folder that takes no files" '[ $status = 74 ] && said "/proc/chaland.h5: cannot be written"'
run_to .
check "files: a folder as the output" '[ $status = 2 ] && said "is a folder"'
run_to /dev/full --force
check "files: a device as the output" '[ $status = 2 ] && said "not a regular file" && [ -c /dev/full ]'
ln -s nowhere/else.h5 dangling.h5
run_to dangling.h5
check "files: a link to nowhere does not make a crash" '[ $status = 0 ] || [ $status = 73 ] || [ $status = 74 ]'
rm -f dangling.h5
start=$(date +%s)
chaland run "$quickstart" -n 2000 -o /proc/chaland.h5
check "files: unwritable is known before the runs" '[ $status = 74 ] && [ $(($(date +%s) - start)) -lt 10 ]'
chaland schema -o /proc/schema.json
check "files: schema to an unwritable place" '[ $status = 74 ] && said "/proc/schema.json"'
for words in "--help" "schema" "explain" "compare a.h5" "run $quickstart --dry-run"; do
    # shellcheck disable=SC2086
    try sh -c "exec \"\$0\" $words >/dev/full" "$program"
    check "files: full standard output, ${words%% *}" '[ $status = 74 ] && said "standard output cannot be written"'
done
try bash -c "set -o pipefail; \"$program\" explain --all | head -n 1"
check "files: a reader that closes the pipe is no error" '[ $status = 0 ] && nothing_said && [ "$(wc -l <"$tmp/out")" = 1 ]'

# Disk full: a limit on file size stops the writing at different places (kB).
kb=$(($(stat -c %s a.h5) / 1024))
limits="1 $((kb / 10)) $((kb / 2)) $((kb - 1))"
case $build in *tsan) limits= ;; esac # ThreadSanitizer writes a file of its own when a program starts
for limit in $limits; do
    try bash -c "ulimit -c 0 -f $limit; exec \"\$0\" \"\$@\"" "$program" run "$quickstart" "${short[@]}" -q -o full.h5
    check "files: disk full after $limit kB" '[ $status = 74 ] && said "full.h5" && [ "$(wc -l <"$tmp/err")" = 1 ] && [ ! -e full.h5 ] && no_part full.h5'
    try bash -c "ulimit -c 0 -f $limit; exec \"\$0\" \"\$@\"" "$program" run "$quickstart" "${short[@]}" -q -o a.h5 --force
    check "files: disk full after $limit kB, the file before stays" '[ $status = 74 ] && same_file a.h5 "$sum" && no_part a.h5'
done
try bash -c "ulimit -f 1; exec \"\$0\" \"\$@\"" "$program" init full
check "files: disk full for init" '[ $status = 74 ] && said "full.yaml"'
rm -f full.yaml

# Damaged results: each its own message, never an answer.
size=$(stat -c %s a.h5)
for bytes in 0 1 7 47 48 100 511 512 2048 $((size / 2)) $((size - 1000)) $((size - 1)); do
    head -c "$bytes" a.h5 >cut.h5
    chaland compare cut.h5
    check "files: cut off after $bytes bytes" '{ [ $status = 2 ] || [ $status = 74 ]; } && said "cut.h5: " && nothing_told && [ "$(wc -l <"$tmp/err")" = 1 ]'
done
for at in 600 5000 $((size / 3)) $((size / 2)) $((size - 300)); do
    cp a.h5 flip.h5
    byte=$(od -An -tu1 -j"$at" -N1 flip.h5)
    printf "\\x$(printf %x $(((byte + 1) % 256)))" | dd of=flip.h5 bs=1 seek="$at" conv=notrunc status=none
    chaland compare flip.h5
    check "files: a byte changed at $at" '{ [ $status = 2 ] || [ $status = 74 ]; } && said "flip.h5: damaged" && nothing_told'
done
cp a.h5 b.h5.part
refuses "files: a .part is no result" 2 "b.h5.part: is what a run that did not end left behind" compare b.h5.part
echo "no result" >text.h5
refuses "files: text is no result" 2 "text.h5: is not an HDF5 file" compare text.h5
refuses "files: a folder is no result" 2 "is not a regular file" compare .
"$python" - <<'P' 2>/dev/null && refuses "files: HDF5 of somebody else is no result" 2 "not one of chaland" compare other.h5
import h5py
h5py.File("other.h5", "w")["x"] = [1, 2, 3]
P
echo old >stale.h5.part
run_to stale.h5 -q
check "files: the .part of another run is no obstacle, and left alone" '[ $status = 0 ] && [ -s stale.h5 ] && [ "$(cat stale.h5.part)" = old ]'
rm -f stale.h5.part
chmod 644 a.h5
rm -f cut.h5 flip.h5 b.h5.part text.h5 other.h5 stale.h5

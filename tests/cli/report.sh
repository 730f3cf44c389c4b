# report: a page, words, figures, a picture; what it refuses; that it overwrites nothing.
# shellcheck shell=bash disable=SC2154

# What the page has wrong goes to its own file, which a failed check shows: standard error may be the file that the checks are
# written to, and opening it anew would cut it off.
wrong=$tmp/wrong
page() {
    "$python" "$root/tests/report/page.py" "$1" >"$wrong" 2>&1
    head -n 8 "$wrong" | cut -c1-300 | sed 's/^/     page: /'
    [ ! -s "$wrong" ]
}
chaland run "$quickstart" --set duration=2d --set warmup=0d --set population.shoppers=400 -n 10 -o r.h5 --quiet
cp r.h5 r.kept
chaland report r.h5
check "report: a page beside the results" '[ $status = 0 ] && nothing_said && told "report  r.html (" && [ -s r.html ] && no_part r.html'
"$program" compare r.h5 --all --json >compared.json
check "report: the page is strict, whole, and says what compare says" 'page r.html <compared.json'
check "report: the verdict can be read without JavaScript" 'grep -q "Worth choosing between\|No policy is shown\|Highest mean profit" r.html'
cp r.html first.html
refuses "report: does not overwrite" 73 "r.html exists already; add --force" report r.h5
check "report: and leaves what was there" 'cmp -s r.html first.html'
chaland report r.h5 --force --quiet
check "report: --force, --quiet; the same bytes again" '[ $status = 0 ] && nothing_told && cmp -s r.html first.html'
chaland report r.h5 -o other.html --json
check "report: --json" '[ $status = 0 ] && "$python" -c "import json, os; d = json.load(open(\"$tmp/out\")); assert d[\"schema_version\"] == 1 and d[\"bytes\"] == os.path.getsize(d[\"output\"]) and d[\"format\"] == \"html\""'
chaland report r.h5 --baseline responsive --confidence 0.8 -o b.html
"$program" compare r.h5 --all --json --baseline responsive --confidence 0.8 >compared.json
check "report: another baseline and confidence" '[ $status = 0 ] && page b.html <compared.json'

chaland report r.h5 --format md
check "report: Markdown, verdict and table" '[ $status = 0 ] && told "# quickstart" && told "| key figure | unit | silent | broadcast - silent |" && told "| **retail\_profit** | EUR |" && told "Price: "'
few=$(grep -c '^|' "$tmp/out")
chaland report r.h5 --format md --all
check "report: Markdown with --all" '[ "$(grep -c "^|" "$tmp/out")" -gt $((few + 100)) ]'
chaland report r.h5 -o r.csv
check "report: CSV by the ending of -o" '[ $status = 0 ] && "$python" - <<END
import csv, json
rows = list(csv.DictReader(open("r.csv", newline="")))
wanted = json.load(open("compared.json"))
assert len(rows) > 400 and {r["policy"] for r in rows} == {"silent", "broadcast", "context", "responsive"}
sales = {r["policy"]: r for r in rows if r["kpi"] == "net_sales"}
assert sales["silent"]["difference"] == "" and float(sales["context"]["difference_low"]) < float(sales["context"]["difference"])
END'
chaland report r.h5 --format svg -o r.svg
check "report: SVG, well formed, with each policy" '[ $status = 0 ] && "$python" -c "
import xml.etree.ElementTree as e
text = \" \".join(e.parse(\"r.svg\").getroot().itertext())
assert all(p in text for p in (\"silent\", \"broadcast\", \"context\", \"responsive\")) and \"not beaten\" in text"'
check "report: the results stay as they are" 'cmp -s r.h5 r.kept'

refuses "report: unknown format" 2 "--format: 'pdf' is unknown; write html, md, csv or svg" report r.h5 --format pdf
refuses "report: an ending that tells nothing" 2 "its ending does not tell the format" report r.h5 -o r.page
spares report r.h5 report r.h5 --format html
refuses "report: unknown baseline" 2 "unknown policy 'loud'" report r.h5 --baseline loud
refuses "report: no such file" 2 "cannot be opened" report none.h5
refuses "report: not a results file" 2 "is not an HDF5 file" report first.html
refuses "report: half a run" 2 "did not end left behind" report r.h5.1.part
refuses "report: no such folder" 74 "folder 'nowhere' cannot be used" report r.h5 -o nowhere/r.html
head -c 200000 r.h5 >cut.h5
refuses "report: a file cut off" 2 "is cut off" report cut.h5
try bash -c 'ulimit -f 64; exec "$0" report r.h5 -o full.html' "$program"
check "report: a full disk" '[ $status = 74 ] && said "cannot be written" && [ ! -e full.html ] && no_part full.html'

# Names that look like HTML, a sweep, one policy, no maps, maps of each run.
{
    sed -E 's/^name:.*/name: "a <b>\&\\"name\\" \x27x\x27"/; s/^question:.*/question: "<\/script><script>alert(1)<\/script>?"/' "$quickstart"
    printf '\nsweep:\n  consent.transparency: [0.2, 0.9]\n'
} >hostile.yaml
tiny=(--set duration=1d --set warmup=0d --set population.shoppers=200 -n 2 --quiet)
"$program" run hostile.yaml "${tiny[@]}" -o hostile.h5
"$program" compare hostile.h5 --all --json >compared.json
chaland report hostile.h5
check "report: names stay names, in a sweep, too" '[ $status = 0 ] && page hostile.html <compared.json && [ "$(grep -c "<script>alert" hostile.html)" = 0 ] && grep -q "consent.transparency=0.9" hostile.html'
for format in md csv svg; do
    chaland report hostile.h5 --format $format
    check "report: $format of a sweep" '[ $status = 0 ] && [ -s "$tmp/out" ]'
done
"$program" run "$quickstart" "${tiny[@]}" --policy silent -o one.h5
chaland report one.h5
check "report: one policy alone" '[ $status = 0 ] && grep -q "nothing to be compared with" one.html'
refuses "report: no trade-off of one policy" 2 "holds no trade-off" report one.h5 --format svg
for maps in off full; do
    "$program" run "$quickstart" "${tiny[@]}" --set outputs.maps=$maps -o maps.h5 --force
    "$program" compare maps.h5 --all --json >compared.json
    chaland report maps.h5 --force
    check "report: outputs.maps $maps" '[ $status = 0 ] && page maps.html <compared.json'
done

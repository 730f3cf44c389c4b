# The installed program, from an empty folder outside the repository: a city of one's own from CSV files, and from a table of venues.
# shellcheck shell=bash disable=SC2154

own_city() {
    mkdir "$tmp/mine"
    cd "$tmp/mine" || return
    cp "$root"/tests/data/city/*.csv .
    cat >mine.yaml <<'Y'
chaland: 1
name: mine
question: Do my twelve stores gain by speaking only of open wishes?
start: 2013-03-04
duration: 2 d
warmup: 0 d
replications: 10
city:
  columns: 10
  rows: 8
  stores: {file: stores.csv}
  beacons: {file: beacons.csv}
  screens: {file: screens.csv}
  stops: {file: stops.csv}
  depots: 1
  couriers: 2
population: {shoppers: 300}
devices: {app: 50 %}
policies:
  - silent
  - responsive
  - {policy: gentle, extends: responsive, caps: {day: 1}}
baseline: silent
Y
    chaland validate mine.yaml
    check "installed: a city of 12 stores is valid" '[ $status = 0 ] && told "3 policies"'
    chaland run mine.yaml --dry-run --json
    check "installed: it has the 12 stores" '[ $status = 0 ] && told "\"stores\": 12,"'
    chaland run mine.yaml
    check "installed: it runs, and answers in words" '[ $status = 0 ] && nothing_said && told "Do my twelve stores gain" && told "'\''responsive'\''" && told "unwanted message" && told "Price: "'
    check "installed: its result is under output/" '[ -s output/mine-1.h5 ]'
    chaland compare output/mine-1.h5 --all
    check "installed: compare" '[ $status = 0 ] && told footfall'
    "$python" - <<'P' >"$tmp/out" 2>"$tmp/err"
import h5py
f = h5py.File("output/mine-1.h5")
print(len(f["stores/store"]), sorted(n.decode() for n in f["stores/id"][...])[:3], f["kpi/money_imbalance"][...].any())
P
    if grep -q "No module" "$tmp/err"; then echo "skip installed: stores of the file: no h5py here"; else
        check "installed: the file holds my stores, and the books balance" 'told "12 [" && told "books" && told False'
    fi
    sed -i 's/^books,Pages,392/books,Pages,far/' stores.csv
    chaland run mine.yaml --force
    check "installed: a bad row is told by file, line and column" '[ $status = 2 ] && grep -qE "^stores.csv:5:[0-9]+: error\[" "$tmp/err" && nothing_told'
}

venues() {
    mkdir "$tmp/venues"
    cd "$tmp/venues" || return
    "$python" - <<'P'
import csv
kinds = ["Shop & Service", "Food", "Residence", "Professional & Other Places", "Travel & Transport"]
with open("venues.csv", "w", newline="") as out:
    table = csv.writer(out)
    table.writerow("id x_m y_m category price_tier rating_10 checkins".split())
    for i in range(60):
        table.writerow([i, 40 + 173 * i % 920, 30 + 311 * i % 940, kinds[i % 5], i % 5 or "", round(5 + i % 40 / 10, 1) if i % 3 else "", 1 + 7 * i % 50])
P
    try "$python" "$root/scripts/venues_to_city.py" venues.csv town --name town --width 1000 --height 1000 --shoppers 300 --retailers 5
    check "installed: a table of venues becomes a city, and it is said what was assumed" '[ $status = 0 ] && [ -s town/town.yaml ] && told "assumed"'
    chaland validate town/town.yaml
    check "installed: which is valid" '[ $status = 0 ]'
    chaland run town/town.yaml --set duration=1d --set warmup=0d -n 2
    check "installed: and runs" '[ $status = 0 ] && told "town: 4 policies" && told "'\''broadcast'\''"'
}

installed() {
    # From a copy of the tree, so that neither build/ nor the prefix in it changes; objects come along.
    mkdir -p "$tmp/tree/build/release"
    (cd "$root" && cp -r Makefile src models include scenarios scripts docs README.md LICENSE "$tmp/tree/" 2>/dev/null
        cp -rp build/release/src build/release/models "$tmp/tree/build/release/" 2>/dev/null)
    try env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j2 -C "$tmp/tree" install "PREFIX=$tmp/usr"
    check "installed: make install" '[ $status = 0 ] && [ -x "$tmp/usr/bin/chaland" ] && [ -s "$tmp/usr/share/chaland/scenarios/policies/responsive.yaml" ]'
    check "installed: the manual page and completions" 'grep -q "^.SS chaland watch" "$tmp/usr/share/man/man1/chaland.1" && bash -n "$tmp/usr/share/bash-completion/completions/chaland" && [ -s "$tmp/usr/share/zsh/site-functions/_chaland" ] && [ -s "$tmp/usr/share/fish/vendor_completions.d/chaland.fish" ]'
    mkdir "$tmp/there" && touch "$tmp/there/mine"
    try env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$tmp/tree" install "PREFIX=$tmp/usr" "DESTDIR=$tmp/there"
    check "installed: into another root" '[ $status = 0 ] && [ -s "$tmp/there$tmp/usr/share/man/man1/chaland.1" ]'
    try env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$tmp/tree" uninstall "PREFIX=$tmp/usr" "DESTDIR=$tmp/there"
    check "installed: make uninstall leaves nothing" '[ $status = 0 ] && [ "$(find "$tmp/there" -type f)" = "$tmp/there/mine" ]'
    rm -rf "$tmp/tree" "$tmp/there"
    program=$tmp/usr/bin/chaland
    mkdir "$tmp/empty"
    cd "$tmp/empty" || return
    chaland --version
    check "installed: --version" '[ $status = 0 ] && told chaland'
    chaland run quickstart "${short[@]}" -o q.h5
    check "installed: a shipped scenario by name, with its shipped policies" '[ $status = 0 ] && told "quickstart: 2 policies"'
    printf 'chaland: 1\nextends: angers_soldes\nname: winter\n' >winter.yaml
    chaland validate winter.yaml
    check "installed: extends a shipped scenario" '[ $status = 0 ] && told "4 policies"'
    sed 's/^policy: .*/policy: loud/' "$tmp/usr/share/chaland/scenarios/policies/broadcast.yaml" >"$tmp/usr/share/chaland/scenarios/policies/loud.yaml"
    chaland run winter.yaml --policy loud --dry-run
    check "installed: policies are looked up under the prefix" '[ $status = 0 ] && told "policy: loud"'
    own_city
    venues
    mv "$tmp/usr" "$tmp/moved"
    program=$tmp/moved/bin/chaland
    chaland run quickstart "${short[@]}" -q -o "$tmp/moved.h5"
    check "installed: works where it is moved to" '[ $status = 0 ]'
}

case $build in
*release) installed ;;
*) echo "skip installed: tested with build/release only" ;;
esac

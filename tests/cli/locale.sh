# A comma locale changes nothing: neither how numbers are read nor how they are written.
# shellcheck shell=bash disable=SC2154

mkdir -p "$tmp/locale"
if localedef -i de_DE -f UTF-8 "$tmp/locale/de_DE.UTF-8" >/dev/null 2>&1 &&
    [ "$(LOCPATH=$tmp/locale LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 1,5' 2>/dev/null)" = 1,5 ]; then
    # alike NAME ARGUMENTS...: the same words and status in both
    alike() {
        local name=$1 before
        shift
        chaland "$@"
        before=$status
        cp "$tmp/out" "$tmp/out.c"
        sed -E 's/[0-9.]+ MB/some MB/' "$tmp/err" >"$tmp/err.c" # what a process takes differs by a page or two
        # Loading a locale from LOCPATH leaks 43 bytes inside glibc itself.
        try env "LOCPATH=$tmp/locale" "ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0" LC_ALL=de_DE.UTF-8 "$program" "$@"
        sed -i -E 's/[0-9.]+ MB/some MB/' "$tmp/err"
        check "locale: $name" "[ \$status = $before ] && cmp -s '$tmp/out' '$tmp/out.c' && cmp -s '$tmp/err' '$tmp/err.c'"
    }
    alike "compare" compare c.h5 --all
    alike "export" export c.h5 --csv kpi
    alike "rerun" rerun c.h5 --json --threads 1
    alike "compare --json" compare c.h5 --json --confidence 0.9
    alike "compare --fail-if" compare c.h5 --quiet --fail-if "broadcast.net_sales > -0.5"
    alike "explain --all" explain --all
    alike "schema" schema
    alike "dry run" run "$quickstart" --dry-run --set population.sample=0.25 --set "consent.transparency=0.75"
    alike "a comma is no decimal point" validate "$quickstart" --set population.sample=0,25
    alike "calibrate" calibrate "$quickstart" --set population.shoppers=200 --set duration=1d --rounds 2
    alike "init" init mytown --force
    alike "a run writes the same bytes" run "$quickstart" "${short[@]}" --set population.sample=0.5 --reproducible --quiet --force -o comma.h5
    sum=$(sha256sum <comma.h5)
    chaland run "$quickstart" "${short[@]}" --set population.sample=0.5 --reproducible --quiet --force -o comma.h5
    check "locale: namely these" '[ "$(sha256sum <comma.h5)" = "$sum" ]'
else
    echo "skip locale: de_DE.UTF-8 cannot be generated here"
fi

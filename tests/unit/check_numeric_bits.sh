#!/bin/sh
# SPDX-License-Identifier: MIT
# The portable functions must give the same bits under every compiler and option we support: one hash over some four million
# results, computed by each build and compared. Also: no symbol of libm, and the table is the one its generator prints.
# Prints lines "ok NAME", "FAIL NAME" or "skip NAME"; exit status 1 when two builds differ.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/hash.c" <<'C'
#include <chaland/numeric.h>
#include <chaland/rng.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t hash;

static void add(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    hash = ch_mix(hash ^ (x != x ? 0x7ff8u : bits)); /* the sign of a NaN is free */
}

int main(void)
{
    for (uint64_t i = 1; i <= 80000; i++) {
        uint64_t bits = ch_mix(i);
        double any, x = (double)(bits >> 11) * 0x1p-53, wide = (x - 0.5) * 1500, angle = (x - 0.5) * 2e5;
        memcpy(&any, &bits, sizeof any);
        const double argument[] = {any, x, wide, angle};
        for (int j = 0; j < 4; j++) {
            double a = argument[j];
            add(ch_exp(a)), add(ch_log(a)), add(ch_log10(a)), add(ch_cos(a)), add(ch_norm_cdf(a)), add(ch_norm_inv(a));
            add(ch_logistic(a)), add(ch_logit(a)), add(ch_sqrt(a)), add(ch_atan2(a, wide)), add(ch_pow(x, a)), add(ch_atan2(x, a));
        }
        struct ch_draw draw = ch_draw_open((struct ch_key){1, 2}, (uint32_t)i, 3, i << 20);
        add(ch_draw_uniform(&draw)), add(ch_draw_exponential(&draw)), add(ch_draw_normal(&draw)), add(ch_draw_gumbel(&draw));
        add(ch_draw_lognormal(&draw, 3, 0.7)), add(ch_draw_poisson(&draw, 20 * x)), add(ch_draw_chance(&draw, x));
        add(ch_draw_below(&draw, 1000)), add(ch_draw_weighted(&draw, (double[]){x, 0.3, 1 - x, 0.1}, 4));
    }
    printf("%016" PRIx64 "\n", hash);
    return 0;
}
C

status=0
first=
verdict()
{
    echo "$@"
    [ "$1" != FAIL ] || status=1
}

# The hash of a build, or nothing where the compiler is missing. It links without -lm.
hash_of()
{
    compiler=$1
    shift
    command -v "$compiler" > /dev/null 2>&1 || return 0
    "$compiler" -std=c11 -fno-math-errno "$@" -I"$root/include" -I"$root/src" -o "$work/hash" "$work/hash.c" \
        "$root/src/base/numeric.c" "$root/src/base/rng.c" "$root/src/base/assert.c" && "$work/hash" || echo broken
}

check()
{
    got=$(hash_of "$@" -ffp-contract=off)
    first=${first:-$got}
    case $got in
    '') verdict skip "numeric bits: $* (not installed)" ;;
    broken) verdict FAIL "numeric bits: $* does not build or run" ;;
    "$first") verdict ok "numeric bits: $got $*" ;;
    *) verdict FAIL "numeric bits: $got $*, not $first" ;;
    esac
}

check gcc -O0
check gcc -O2
check gcc -O3
check gcc -O2 -march=native
check gcc -O3 -march=native
check clang -O0
check clang -O2
check clang -O3 -march=native

# Control: where the processor has it, fused multiply-add must change the hash, else the hash sees nothing.
if grep -qw fma /proc/cpuinfo 2> /dev/null && command -v gcc > /dev/null 2>&1; then
    fused=$(hash_of gcc -O2 -march=native -ffp-contract=fast)
    if [ "$fused" != "$first" ]; then
        verdict ok "numeric bits: control, contraction changes them"
    else
        verdict FAIL "numeric bits: control, contraction left no trace"
    fi
else
    verdict skip "numeric bits: control (needs gcc and a processor with fused multiply-add)"
fi

if python3 -c 'import mpmath' 2> /dev/null; then
    python3 "$root/tests/unit/numeric_table.py" > "$work/table.h"
    if cmp -s "$work/table.h" "$root/src/base/numeric_table.h"; then
        verdict ok "numeric_table.h is what its generator prints"
    else
        verdict FAIL "numeric_table.h is not what tests/unit/numeric_table.py prints"
    fi
else
    verdict skip "numeric_table.h against its generator (needs mpmath)"
fi
exit $status

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints src/base/numeric_table.h: every constant of src/base/numeric.c, from 60-digit arithmetic (needs mpmath).

Polynomials interpolate at Chebyshev nodes; quotients of polynomials are least-squares fits at Chebyshev nodes, reweighted
until they are close to the best relative error. `check_numeric_bits.sh` compares the output with the file if mpmath is there.
"""
from mpmath import (mp, mpf, matrix, lu_solve, qr_solve, findroot, polyval, nint, floor, pi, log, log1p, exp, expm1, sqrt,
                    sin, cos, atan, atanh, erfc)

mp.dps = 60


def literal(x):
    """A double as C hexadecimal literal."""
    return float(x).hex()


def row(values):
    return "{" + ", ".join(literal(v) for v in values) + "}"


def nodes(a, b, n):
    a, b = mpf(a), mpf(b)
    return [(a + b) / 2 + (b - a) / 2 * cos(pi * (2 * i + 1) / (2 * n)) for i in range(n)]


def polynomial(f, a, b, degree):
    """Coefficients, lowest first, of the interpolating polynomial."""
    xs = nodes(a, b, degree + 1)
    system = matrix(degree + 1, degree + 1)
    for i, x in enumerate(xs):
        for j in range(degree + 1):
            system[i, j] = x**j
    return list(lu_solve(system, matrix([f(x) for x in xs])))


def quotient(f, a, b, m, n):
    """Numerator and denominator (constant term 1) of degrees m and n with small relative error on [a, b]."""
    xs = nodes(a, b, 3 * (m + n + 1))
    ys = [f(x) for x in xs]
    weight = [mpf(1)] * len(xs)
    for _ in range(6):
        system, right = matrix(len(xs), m + n + 1), matrix(len(xs), 1)
        for i, x in enumerate(xs):
            scale = weight[i] / abs(ys[i])
            for j in range(m + 1):
                system[i, j] = scale * x**j
            for j in range(1, n + 1):
                system[i, m + j] = -scale * ys[i] * x**j
            right[i] = scale * ys[i]
        c = list(qr_solve(system, right)[0])
        top, bottom = c[:m + 1], [mpf(1)] + c[m + 1:]
        weight = [1 / abs(polyval(bottom[::-1], x)) for x in xs]
    return top, bottom


def quantile(p):
    """z > 0 with P(Z > z) = p."""
    start = sqrt(-2 * log(p)) if p < mpf("0.1") else mpf("0.5")
    return findroot(lambda z: log(erfc(z / sqrt(mpf(2))) / 2) - log(p), start)


def even(f, limit):
    """f as a function of u = x^2, with its limit at 0."""
    return lambda u: limit if u == 0 else f(sqrt(u))


def show(name, values, comment):
    print(f"\n/* {comment} */\nstatic const double {name}[] = {{")
    for i in range(0, len(values), 4):
        print("    " + ", ".join(literal(v) for v in values[i:i + 4]) + ",")
    print("};")


def show_constant(name, value, comment):
    print(f"static const double {name} = {literal(value)}; /* {comment} */")


def down(x, bits):
    """Largest multiple of 2^-bits below x."""
    return floor(x * mpf(2)**bits) / mpf(2)**bits


def log_table():
    print("\n/* Logarithm: 64 pieces of [0.6875, 1.375): a point c, 1/c, log c as a multiple of 2^-42 and the rest. The pieces on"
          "\n * both sides of 1 take c = 1, so that nothing cancels there. */"
          "\nstatic const struct {\n    double c, inverse, high, low;\n} LOG_TABLE[64] = {")
    for i in range(64):
        low = mpf(11) / 16 + mpf(i) / 128 if i < 40 else 1 + mpf(i - 40) / 64
        c = low + (mpf(1) / 256 if i < 40 else mpf(1) / 128)
        if i in (39, 40):
            c = mpf(1)
        high = nint(log(c) * mpf(2)**42) / mpf(2)**42
        print(f"    {row([c, 1 / c, high, log(c) - high])},")
    print("};")


def exp_table():
    print("\n/* Exponential: 2^(j/64) and the rest. */\nstatic const struct {\n    double high, low;\n} EXP_TABLE[64] = {")
    for j in range(64):
        x = mpf(2)**(mpf(j) / 64)
        print(f"    {row([x, x - mpf(float(x))])},")
    print("};")


def constants():
    print()
    ln2, step, quarter = log(mpf(2)), log(mpf(2)) / 64, pi / 2
    show_constant("LN2_HIGH", down(ln2, 42), "ln 2, multiple of 2^-42")
    show_constant("LN2_LOW", ln2 - down(ln2, 42), "the rest")
    show_constant("STEPS", 1 / step, "64 / ln 2")
    show_constant("STEP_HIGH", down(step, 42), "ln 2 / 64, multiple of 2^-42: times 17 bits exact")
    show_constant("STEP_LOW", step - down(step, 42), "the rest")
    tenth = 1 / log(mpf(10))
    show_constant("LOG10E_HIGH", down(tenth, 26), "1 / ln 10, 25 bits")
    show_constant("LOG10E_LOW", tenth - down(tenth, 26), "the rest")
    show_constant("QUARTERS", 1 / quarter, "2 / pi")
    high = down(quarter, 33)
    middle = down(quarter - high, 66)
    show_constant("QUARTER_HIGH", high, "pi / 2, multiple of 2^-33: times 17 bits exact")
    show_constant("QUARTER_MIDDLE", middle, "next 33 bits")
    show_constant("QUARTER_LOW", quarter - high - middle, "the rest")
    show_constant("PI", pi, "pi")
    show_constant("PI_HALF", quarter, "pi / 2")
    show_constant("PI_QUARTER", pi / 4, "pi / 4")


def polynomials():
    show("LOG_SERIES", polynomial(lambda r: (r - log1p(r)) / r**2 if r else mpf(1) / 2, -mpf(2)**-7, mpf(2)**-6, 7),
         "(r - log(1+r)) / r^2 on [-2^-7, 2^-6]")
    width = log(mpf(2)) / 128
    show("EXP_SERIES", polynomial(lambda r: (expm1(r) - r) / r**2 if abs(r) > 1e-20 else mpf(1) / 2, -width, width, 3),
         "(e^r - 1 - r) / r^2 on +- ln 2 / 128")
    show("SIN_SERIES", polynomial(even(lambda x: (sin(x) / x - 1) / x**2, -mpf(1) / 6), 0, (pi / 4)**2, 5),
         "(sin x / x - 1) / u, u = x^2, |x| <= pi/4")
    show("COS_SERIES", polynomial(even(lambda x: (cos(x) - 1 + x**2 / 2) / x**4, mpf(1) / 24), 0, (pi / 4)**2, 5),
         "(cos x - 1 + u/2) / u^2, u = x^2, |x| <= pi/4")
    show("ATAN_SERIES", polynomial(even(lambda x: (atan(x) / x - 1) / x**2, -mpf(1) / 3), 0, (sqrt(mpf(2)) - 1)**2, 10),
         "(atan x / x - 1) / u, u = x^2, |x| <= tan(pi/8)")
    show("ATANH_SERIES", polynomial(even(lambda x: (atanh(x) / x - 1) / x**2, mpf(1) / 3), 0, mpf(1) / 4, 13),
         "(atanh x / x - 1) / u, u = x^2, |x| <= 1/2")


def normal():
    k = mpf(4)

    def mills(t):
        z = k * (1 + t) / (1 - t)
        return erfc(z / sqrt(mpf(2))) / 2 * exp(z * z / 2) * (z + k)

    show("CDF_SERIES", polynomial(mills, -1, (39 - k) / (39 + k), 20), "P(Z > z) e^(z^2/2) (z + 4), in t = (z - 4) / (z + 4), 0 <= z <= 39")
    edge = mpf(185) / 1024  # counted from the far end all coefficients are positive, and nothing cancels
    slope = even(lambda q: quantile(mpf("0.5") - q) / q, sqrt(2 * pi))
    centre = quotient(lambda v: slope(edge - v), 0, edge, 7, 7)
    near = quotient(lambda r: quantile(exp(-r * r)), mpf("1.6"), 5, 7, 7)
    far = quotient(lambda r: quantile(exp(-r * r)), 5, mpf("27.5"), 7, 7)
    for name, pair, what in (("CENTRE", centre, "quantile / q, in 185/1024 - q^2, q = p - 1/2, |q| <= 0.425"),
                             ("NEAR", near, "-quantile, in r = sqrt(-log p), 1.6 <= r <= 5"),
                             ("FAR", far, "-quantile, in r = sqrt(-log p), 5 <= r <= 27.5")):
        show(f"{name}_TOP", pair[0], f"{what}: numerator")
        show(f"{name}_BOTTOM", pair[1], "its denominator")


def main():
    print("/* SPDX-License-Identifier: MIT\n * Constants of numeric.c, printed by tests/unit/numeric_table.py; do not edit. */"
          "\n/* clang-format off */"
          "\n#ifndef CH_NUMERIC_TABLE_H\n#define CH_NUMERIC_TABLE_H")
    constants()
    polynomials()
    normal()
    log_table()
    exp_table()
    print("\n#endif")


main()

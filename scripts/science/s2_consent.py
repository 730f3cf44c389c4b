#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""S2: which volume of messages maximises profit, and which one consent? Runs consent_sweep.yaml and prints tables in Markdown.

Usage: s2_consent.py [--short] [--people 2000] [--days 56] [--chaland build/release/chaland] [--threads 2] [--keep FILE.h5]

Intervals (95 %, t) are over replications, which are the same people, weather and luck at all points, so differences are paired. --short: a tiny
run, to see that the script works; its figures mean nothing. --keep leaves the results file, and takes it if it is there already. Needs
python3-h5py and python3-numpy. Exit status: 0, or 1 when the run failed or broke a law that must hold exactly.
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SCENARIO = "scenarios/consent_sweep.yaml"
TOLERANCE = 4.437  # median of tolerated unwanted messages a week (consent.tolerance)
T975 = [math.nan, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086]


def t_quantile(alpha, df):
    """Two-sided; by the series of Cornish and Fisher, good to a per cent from 4 degrees of freedom on."""
    low, high = 0.0, 12.0
    for _ in range(80):
        z = (low + high) / 2
        low, high = (z, high) if math.erfc(z / math.sqrt(2)) > alpha else (low, z)
    z = (low + high) / 2
    return z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)


def interval(x):
    """Mean and half width of the 95 % interval."""
    n = len(x)
    t = T975[n - 1] if n - 1 < len(T975) else 1.97
    return x.mean(), (t * x.std(ddof=1) / math.sqrt(n) if n > 1 else math.nan)


def words(x, digits=1):
    mean, half = interval(x)
    return f"{mean:.{digits}f} ± {half:.{digits}f}"


def best_of(values, volumes):
    """values[volume, replication]: the best volume, and those that a paired test (Bonferroni) does not tell from it."""
    k = int(values.mean(axis=1).argmax())
    n, like = values.shape[1], []
    for i in range(len(volumes)):
        d = values[k] - values[i]
        half = t_quantile(0.05 / (len(volumes) - 1), n - 1) * d.std(ddof=1) / math.sqrt(n) if n > 1 else math.inf
        if i != k and d.mean() <= half:
            like.append(volumes[i])
    return k, like


def command(args):
    sweep = "sweep={" + f"consent.transparency: {args.transparency}, messages.volume: {args.volume}" + "}"
    return [args.chaland, "run", SCENARIO, "-n", str(args.replications), "--set", f"duration={args.days} d", "--set",
            f"population.sample={args.sample}", "--set", sweep]


def shown(args):
    return " ".join(f'"{a}"' if " " in a else a for a in command(args)).replace(args.chaland, "chaland")


def read(path, args):
    with h5py.File(path) as file:
        policies = [p.decode() if isinstance(p, bytes) else str(p) for p in file["kpi/policy"][:]]
        shape = (len(args.transparency), len(args.volume), len(policies), -1)
        kpi = {k: d[:].reshape(shape) for k, d in file["kpi"].items() if d.ndim == 3 and d.dtype.kind == "f"}
        daily = file["daily/daily_consent_pairs"][:]
        kpi["pairs_at_end"] = daily[..., -7:].mean(axis=-1).reshape(shape)
        kpi["pairs_at_start"] = daily[..., 0].reshape(shape)
        args.lasted = daily.shape[-1] - 4  # days from the first count to the middle of the last week
        args.retailers = len(file["retailers/id"][:])
    return policies, kpi


def quietly(what):
    """Rates of the silent, where nothing moves, are 0/0: not a number, and no warning."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return what()


def tables(policies, kpi, args):
    command_line, volumes = shown(args), args.volume
    weeks, base = args.days / 7, policies.index("silent")
    people = args.people
    profit = (kpi["retail_profit"] - kpi["retail_profit"][:, :, base : base + 1]) * 1000 / people / weeks
    consent = 100 * kpi["pairs_at_end"] / kpi["app_people"] / args.retailers
    print(f"Each row is of the one run `{command_line}` ({kpi['retail_profit'].shape[-1]} replications). Consent is counted in pairs of an app owner and a retailer.\n")
    print("| policy | transparency | most profit at (a week) | EUR per 1,000 people and week, against silent | not told from | most consent at | "
          "% of pairs, last week | not told from |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    for p, policy in enumerate(policies):
        for t, transparency in enumerate(args.transparency):
            if p == base:
                continue
            a, like_a = best_of(profit[t, :, p], volumes)
            b, like_b = best_of(consent[t, :, p], volumes)
            print(f"| {policy} | {transparency:g} | {volumes[a]:g} | {words(profit[t, a, p])} | {', '.join(f'{v:g}' for v in like_a) or 'none'} | "
                  f"{volumes[b]:g} | {words(consent[t, b, p])} | {', '.join(f'{v:g}' for v in like_b) or 'none'} |")
    print(f"\nThe hypothesis was an optimum inside, near the median tolerance of {TOLERANCE:.1f} unwanted messages a week. All volumes, transparency "
          "averaged over:\n")
    print("| policy | offered a week | delivered | EUR | consent, % | unwanted per app owner and week | opt-outs per 1,000 person-days |\n"
          "| --- | --- | --- | --- | --- | --- | --- |")
    for p, policy in enumerate(policies):
        for v, volume in enumerate(volumes):
            def mean(x):
                return x[:, v, p].mean(axis=0)
            owners = mean(kpi["app_people"])
            print(f"| {policy} | {volume:g} | {words(mean(kpi['messages_delivered']) / owners / weeks, 2)} | {words(mean(profit))} | {words(mean(consent))} | "
                  f"{words(mean(kpi['unwanted_per_person_week']) * people / owners, 2)} | {words(mean(kpi['opt_outs_per_1000_person_days']), 2)} |")
    chain(policies, kpi, consent, args)


def chain(policies, kpi, consent, args):
    """What two states with the run's own rates, the same for everybody, come to."""
    print("\nBeside the two-state chain: h_in and h_out are the run's own daily rates of pairs into and out of consent, c* = h_in/(h_in + h_out) their "
          "asymptote if all pairs were alike; by the last week such a chain has come from the start to `chain`.\n")
    print("| policy | transparency | offered a week | h_in, 1/d | h_out, 1/d | c*, % | half-way, d | chain, % | measured, last week, % | measured less chain |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    start = 100 * kpi["pairs_at_start"] / kpi["app_people"] / args.retailers
    for p, policy in enumerate(policies):
        for t, transparency in enumerate(args.transparency):
            for v, volume in enumerate(args.volume):
                if policy == "silent" and (t or v):
                    continue  # the same everywhere
                into, out = kpi["consent_inflow"][t, v, p], kpi["consent_outflow"][t, v, p]
                limit, half_way = quietly(lambda: (100 * into / (into + out), math.log(2) / (into + out)))
                now = limit + (start[t, v, p] - limit) * np.exp(-(into + out) * args.lasted)
                print(f"| {policy} | {transparency:g} | {volume:g} | {words(into, 5)} | {words(out, 5)} | {words(limit)} | {half_way.mean():.0f} | "
                      f"{words(now)} | {words(consent[t, v, p])} | {words(consent[t, v, p] - now)} |")


def laws(policies, kpi):
    """What must hold exactly, whatever the figures."""
    broken = []
    silent = policies.index("silent")
    if np.any(kpi["money_imbalance"] != 0):
        broken.append("money_imbalance is not 0")
    if np.any(kpi["reads_without_consent"] != 0):
        broken.append("something was read without consent")
    if np.any(kpi["messages_sent"][:, 0][kpi["messages_sent"][:, 0] > 0]):
        broken.append("messages were sent at volume 0")
    if np.any(kpi["retail_profit"][:, :, silent] != kpi["retail_profit"][:1, :1, silent]):
        broken.append("the silent world is not the same at all points")
    return broken


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--chaland", default="build/release/chaland")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--days", type=int, default=56)
    parser.add_argument("--keep")
    args = parser.parse_args()
    args.transparency, args.volume = ([0.0, 1.0], [0.0, 5.0]) if args.short else ([0.0, 0.5, 1.0], [0.0, 1.0, 2.0, 5.0, 10.0, 20.0])
    args.replications = 2 if args.short else 10
    if args.short:
        args.days, args.people = 8, 400
    args.sample = args.people / 20000
    with tempfile.TemporaryDirectory() as folder:
        path = args.keep or os.path.join(folder, "s2.h5")
        if not os.path.exists(path):
            code = subprocess.run(command(args) + ["-t", str(args.threads), "-q", "-o", path], check=False).returncode
            if code:
                return 1
        policies, kpi = read(path, args)
    tables(policies, kpi, args)
    broken = laws(policies, kpi)
    for law in broken:
        print(f"s2_consent.py: {law}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

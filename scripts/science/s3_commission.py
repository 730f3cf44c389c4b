#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""S3: which commission makes competing retailers share their wishlists? Runs commission_sweep.yaml, town by town; prints tables.

Usage: s3_commission.py [--short] [--chaland build/release/chaland] [--threads 2] [--towns N] [--parts A,B]
                        [--sample 0.08] [--days 240] [--keep FOLDER]

A town is a seed: streets, people and luck are new in each, and the same for all rates and starts within it, so intervals (95 %,
t) are over towns. --short: two tiny towns and three parts, to see that the script works; its figures mean nothing. --parts: only
these of measured, imposed, free, dear, closed, net, frozen. --keep leaves the files, and takes those that are there already.
Needs python3-h5py and python3-numpy. Exit status: 0, or 1 when a run failed or broke a law that must hold exactly.
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SCENARIO = "scenarios/commission_sweep.yaml"
T975 = [math.nan, math.nan, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160]  # [towns]
MARGIN_OF_REFERENCE, OWN, POOLED, KEPT = 0.45, 0.10, 0.18, 0.4
KAPPA_MIN_OF_REFERENCE = MARGIN_OF_REFERENCE * (OWN - KEPT * POOLED) / ((1 - KEPT) * POOLED)


class Part:
    """One experiment: the same points in some towns."""

    def __init__(self, name, title, rates, towns, sets=(), starts=("all", "none")):
        self.name, self.title, self.rates, self.towns = name, title, rates, towns
        self.sets, self.starts = list(sets), starts
        self.value, self.of = {}, {}  # KPI -> [town, rate, start]; table -> [town, rate, start, retailer]

    def command(self, args, seed):
        rates = ", ".join(f"{100 * r:g} %" for r in self.rates)
        sets = [f"sweep={{wishlist.pool.commission: [{rates}], wishlist.membership.start: [{', '.join(self.starts)}]}}"]
        all_sets = sum((["--set", s] for s in args.size + self.sets + sets), [])
        return [args.chaland, "run", SCENARIO, "-n", "1", "--seed", str(seed)] + all_sets

    def shown(self, args):
        quoted = [f'"{a}"' if " " in a else a for a in ["chaland"] + self.command(args, "S")[1:]]
        return "`" + " ".join(quoted) + "`"

    def run(self, args, folder):
        files = []
        for town in range(self.towns):
            path = os.path.join(folder, f"{self.name}_{town + 1}.h5")
            if not os.path.exists(path):
                subprocess.run(self.command(args, town + 1) + ["-t", str(args.threads), "-q", "-o", path], check=True)
            files.append(path)
            print(f"{self.name}: town {town + 1} of {self.towns}", file=sys.stderr)
        shape = (len(self.rates), len(self.starts))
        for path in files:
            with h5py.File(path) as file:
                for group, into in (("kpi", self.value), ("retailers", self.of)):
                    for key, data in file[group].items():
                        if data.shape[:2] == (shape[0] * shape[1], 1) and data.dtype.kind == "f":
                            into.setdefault(key, []).append(data[:, 0].reshape(shape + data.shape[2:]))
                self.names = [x.decode() if isinstance(x, bytes) else x for x in file["retailers/id"][:]]
        self.value = {k: np.array(v)[..., 0] for k, v in self.value.items()}
        self.of = {k: np.array(v) for k, v in self.of.items()}

    def who(self, prefix):
        return [i for i, name in enumerate(self.names) if name.startswith(prefix)]


def interval(sample):
    """Mean and half width over towns; NaNs are left out."""
    sample = np.asarray(sample, float)
    sample = sample[~np.isnan(sample)]
    n = len(sample)
    if n < 2:
        return (sample[0] if n else math.nan), math.nan
    return sample.mean(), T975[min(n, len(T975) - 1)] * sample.std(ddof=1) / math.sqrt(n)


def words(sample, digits=3, low=-math.inf, high=math.inf):
    mean, half = interval(sample)
    if math.isnan(mean):
        return "-"
    if math.isnan(half):
        return f"{mean:.{digits}f}"
    return f"{mean:.{digits}f} [{max(low, mean - half):.{digits}f}, {min(high, mean + half):.{digits}f}]"


def table(head, rows):
    print("\n| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def coverage_table(part, args):
    rows = []
    for s, start in enumerate(part.starts):
        for r, rate in enumerate(part.rates):
            at = lambda k: part.value[k][:, r, s]
            rows.append([f"{100 * rate:g} %", start, words(at("pool_coverage"), 2, 0, 1), words(at("pool_members"), 2, 0, 1),
                         f"{np.mean(at('pool_coverage') >= .9):.0%}", f"{np.mean(at('pool_coverage') < .1):.0%}",
                         words(at("pool_profit"), 0), words(at("pool_own_conversion")), words(at("pool_conversion")),
                         words(at("pool_retention")), words(at("pool_kappa_min"))])
    print(f"\n### {part.title}\n\n{part.towns} towns; each by {part.shown(args)}")
    table(["commission", "start", "coverage at the end", "members", "full (>= .9)", "unravelled (< .1)", "pool profit, EUR",
           "c0", "c1", "sigma", "kappa_min"], rows)


def crossing(rates, share):
    """The first rate at which at least half are in, between the points; the last rate if there is none."""
    for i, x in enumerate(share):
        if x >= 0.5:
            return rates[0] if i == 0 else rates[i - 1] + (0.5 - share[i - 1]) / (x - share[i - 1]) * (rates[i] - rates[i - 1])
    return rates[-1]


def turn_of(part, start, players, from_below):
    """The rate from which (up to which) at least half of these retailers are in at the end, by town."""
    share = part.of["pool_member_at_end"][:, :, part.starts.index(start)][..., players].mean(axis=2)  # [town, rate]
    rates = np.array(part.rates)
    return np.array([crossing(rates, x) if from_below else crossing(rates[::-1], x[::-1]) for x in share])


def figures_of(part, start, players):
    """c0, c1, sigma and kappa_min of these lists over all rates, by town, and the margin of everybody."""
    s = part.starts.index(start)
    cell = {k: part.of[k][:, :, s][..., players].sum(axis=(1, 2)) for k in
            ("list_ended_unshared_by", "list_own_unshared_by", "list_ended_shared_by", "list_own_shared_by", "list_pooled_by")}
    with np.errstate(invalid="ignore", divide="ignore"):
        own = cell["list_own_unshared_by"] / cell["list_ended_unshared_by"]
        sold = cell["list_own_shared_by"] + cell["list_pooled_by"]
        pooled, kept = sold / cell["list_ended_shared_by"], cell["list_own_shared_by"] / sold
        margin = part.value["pool_margin"][:, :, s].mean(axis=1)
        return own, pooled, kept, margin, margin * (own - kept * pooled) / ((1 - kept) * pooled)


def overlap(a, b, grid):
    """Do the intervals meet? A turn seen on a grid is known to half a step."""
    (x, dx), (y, dy) = interval(a), interval(b)
    dx, dy = (0 if math.isnan(d) else d for d in (dx, dy))
    return "agree" if abs(x - y) <= math.hypot(dx, dy) + grid / 2 else "differ"


def accord(part, start, players):
    """Share of these retailers, over towns and rates, who are in at the end just where the rate is above the kappa_min."""
    s = part.starts.index(start)
    least = part.value["pool_kappa_min"][:, :, s]
    inside = part.of["pool_member_at_end"][:, :, s][..., players].mean(axis=2)
    above = np.array(part.rates)[None, :] > least
    known = ~np.isnan(least)
    return np.where(above, inside, 1 - inside)[known].mean() if known.any() else math.nan


def threshold_table(parts, fee):
    rows = []
    for part in parts:
        step = max(np.diff(part.rates))
        for start in part.starts:
            curators, sellers = part.who("curator"), part.who("seller")
            own, pooled, kept, margin, least = figures_of(part, start, curators)
            if part.name == "imposed":
                least, margin = np.full(part.towns, KAPPA_MIN_OF_REFERENCE), np.full(part.towns, MARGIN_OF_REFERENCE)
            turns = (("4 curators are in from", turn_of(part, start, curators, True), "kappa_min", least),
                     ("6 sellers are in up to", turn_of(part, start, sellers, False), "m - fee", margin - fee))
            for who, found, law, value in turns:
                on_grid = np.clip(value, part.rates[0], part.rates[-1])
                rows.append([part.name, start, who, words(found), law, words(value), overlap(found, on_grid, step),
                             f"{accord(part, start, curators):.0%}" if law == "kappa_min" else ""])
    print("\n### Where retailers turn\n\nThe commission from which, or up to which, half of them are in at the end: curators "
          "(long lists, few stores) and sellers (many stores, short lists), beside the law from the figures of the same runs "
          "(of the curators' own lists; everybody's margin), or from those imposed. They agree if the intervals meet, half a "
          "step of the grid allowed for; a law beyond the grid is taken at its end, as is a group that never turns. "
          "Accord: curators who are in at the end just where the rate is above the kappa_min of that very run.")
    table(["figures", "start", "who", "found", "law", "value", "verdict", "accord"], rows)


def say(part):
    at = lambda k, s: part.value[k][:, :, part.starts.index(s)]
    rates = [f"{100 * r:g} %" for r in part.rates]
    some = lambda flags: ", ".join(r for r, f in zip(rates, flags) if f) or "no rate"
    print(f"\n**As found ({part.title}).**")
    for start in part.starts:
        cover = at("pool_coverage", start)
        full = some((cover >= .9).mean(axis=0) >= .9)
        thin = some(cover.mean(axis=0) < .3)
        print(f"- From *{start}*: nearly all wishes are shared (coverage >= .9 in >= 90 % of towns) at {full}; the pool is thin "
              f"(mean coverage < .3) at {thin}.")
    if len(part.starts) == 2:
        gap = [interval(at("pool_coverage", "all")[:, i] - at("pool_coverage", "none")[:, i]) for i in range(len(rates))]
        print("- History decides (coverage from *all* exceeds that from *none*, paired interval above 0) at "
              f"{some([g[0] - g[1] > 0 for g in gap])}.")
    for start in part.starts:
        profit = at("pool_profit", start)
        best = int(np.argmax(profit.mean(axis=0)))
        lead = [interval(profit[:, best] - profit[:, i]) for i in range(len(rates))]
        print(f"- From *{start}*: the pool's profit is highest at {rates[best]}; not clearly below it (each paired alone): "
              f"{some([not d[0] - d[1] > 0 for d in lead])}.")


def check_laws(parts):
    """What must hold exactly in every run."""
    broken = []
    for part in parts:
        if np.abs(part.value["money_imbalance"]).max() > 0:
            broken.append(f"{part.name}: books do not balance")
        if np.abs(part.value["commission_paid"] - part.value["commission_received"]).max() > 0:
            broken.append(f"{part.name}: commissions paid are not those received")
        if np.nanmax(np.abs(part.value["reads_without_consent"])) > 0:
            broken.append(f"{part.name}: lists were read without consent")
    print("\nExact laws in all runs (books, commissions paid = received, no read without consent): "
          + ("; ".join(broken) or "hold."))
    return not broken


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--chaland", default="build/release/chaland")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--towns", type=int, default=0)
    parser.add_argument("--keep")
    parser.add_argument("--parts")
    parser.add_argument("--sample", default="0.08")
    parser.add_argument("--days", default="240")
    args = parser.parse_args()
    towns = args.towns or (2 if args.short else 8)
    args.size = [f"population.sample={args.sample}", f"duration={args.days} d"]
    if args.short:
        args.size = ["population.sample=0.005", "duration=31 d", "warmup=5 d", "wishlist.membership.period=10 d"]
    fine = [0, .25, .5] if args.short else [i / 20 for i in range(11)]
    coarse = [0, .5] if args.short else [0, .1, .2, .3, .4, .5]
    few = min(towns, 4)
    reference = [f"wishlist.membership.imposed_{k}={v}" for k, v in
                 (("own", OWN), ("pooled", POOLED), ("retention", KEPT), ("margin", MARGIN_OF_REFERENCE))]
    frozen = ["wishlist.membership.rule=frozen"]
    main_part = Part("measured", "All figures measured, fee 2 %", fine, towns)
    parts = [main_part,
             Part("imposed", "Figures of the reference imposed: c0 .10, c1 .18, sigma .40, m .45 (kappa_min .11667)", fine, few,
                  reference),
             Part("free", "No fee", coarse, few, ["wishlist.pool.fee=0 %"]),
             Part("dear", "Fee 5 %", coarse, few, ["wishlist.pool.fee=5 %"]),
             Part("closed", "Fewer open lists (level 2 held by at most 40 %)", coarse, few,
                  ["consent.initial=[0.60, 0.40, 0.20]"]),
             Part("net", "Sellers count only what they would not have sold anyway", coarse, few,
                  ["wishlist.membership.net_gains=yes"]),
             Part("frozen", "Members frozen: a commission is a transfer", [0, .5], 2, frozen)]
    wanted = args.parts.split(",") if args.parts else ["measured", "imposed", "frozen"] if args.short else [p.name for p in parts]
    parts = [p for p in parts if p.name in wanted]
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or scratch
        os.makedirs(folder, exist_ok=True)
        for part in parts:
            part.run(args, folder)
    print("## S3: which commission makes competing retailers share their wishlists?\n\nMade by `scripts/science/s3_commission.py"
          f"{' --short' if args.short else ''}`: {', '.join(args.size)}. S in a command is the town, 1, 2, ...")
    for part in parts:
        coverage_table(part, args)
        if part.name != "frozen":
            say(part)
    threshold_table([p for p in parts if p.name in ("measured", "imposed")], 0.02)
    same = True
    for profit in (p.value["retail_profit"] for p in parts if p.name == "frozen"):
        same = np.abs(profit[:, 0] - profit[:, -1]).max() < 0.005
        print("\nWith members frozen the profit of all retailers together at 0 % and at 50 % is "
              f"{'the same to the cent' if same else 'NOT the same'}.")
    return 0 if check_laws(parts) and same else 1


if __name__ == "__main__":
    sys.exit(main())

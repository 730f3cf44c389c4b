#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""S4: how many couriers do 30, 60 and 120 orders an hour need? Runs courier_launch.yaml at fleets of 8 to 44 and finds the knee.

Usage: s4_fleet.py [--short] [--chaland build/release/chaland] [--threads 2] [--replications 10] [--keep FOLDER]

Orders come at a level rate while stores are open (10 to 19 h), all quotes are accepted, nobody cancels, couriers ride 14 km/h and
the hand-off is set, from a pilot run, so that hand-off and way to the home take 9.7 min: the conditions under which the law
    N(I) = I + rate (service + 0.6267 sqrt(A / I) / v),  least at I* = (rate 0.6267 sqrt(A) / 2v)^(2/3)
asks for 10.12, 18.06 and 32.67 couriers on 12 km2. What the law leaves out is the city: stores and homes lie in clusters, drops end
elsewhere than orders begin, and a day has a beginning and an end.

The knee is that of a broken stick: two straight lines that meet, fitted by least squares to the logarithm of the mean delivery
time against the fleet, in each replication; its interval (95 %, t) is over replications. Fleets under which orders take more than
4 h are left out: they do not work off a day's orders by its end, and a night is added to what waits. --short: one rate and few fleets, to see that
the script works; its figures mean nothing. --keep leaves the files, and takes those that are there already. Needs
python3-h5py and python3-numpy. Exit status: 0, or 1 when a run failed or parcels or money got lost.
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SCENARIO = "scenarios/courier_launch.yaml"
T975 = [math.nan, math.nan, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145]
AREA_KM2, SPEED, SERVICE_MIN, LONGEST_MIN = 12, 14, 9.7, 240
LEVEL = "delivery.profile=[0,0,0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,0,0,0,0,0]"
CONDITIONS = ["delivery.accept=20", "delivery.per_minute=0", "delivery.per_euro=0", LEVEL, "couriers.bundling=no",
              "couriers.patience=0", "couriers.by_hour=no", f"couriers.bike_speed={SPEED} km/h", "couriers.loss=0"]
WAYS = [("nearest", ["couriers.dispatch=nearest", "couriers.reposition=off"]),
        ("nearest, back to the last store", ["couriers.dispatch=nearest", "couriers.reposition=last_store"]),
        ("nearest, forecast", ["couriers.dispatch=nearest", "couriers.reposition=forecast"]),
        ("batch 10 s", ["couriers.dispatch=batch", "couriers.batch=10 s", "couriers.reposition=off"]),
        ("batch 30 s", ["couriers.dispatch=batch", "couriers.batch=30 s", "couriers.reposition=off"]),
        ("batch 60 s", ["couriers.dispatch=batch", "couriers.batch=60 s", "couriers.reposition=off"])]


def law(rate, service_min=SERVICE_MIN):
    reach = rate * 0.6267 * math.sqrt(AREA_KM2) / SPEED
    idle = (reach / 2) ** (2 / 3)
    return idle + rate * service_min / 60 + reach / math.sqrt(idle)


def command(args, rate, sets, fleets):
    words = [args.chaland, "run", SCENARIO, "-n", str(args.replications)]
    sweep = "sweep={city.couriers: " + fleets + "}"
    for s in args.size + CONDITIONS + [f"delivery.orders_per_hour={rate}"] + sets + [sweep]:
        words += ["--set", s]
    return words


def run(args, folder, name, words):
    path = os.path.join(folder, name + ".h5")
    if not os.path.exists(path):
        subprocess.run(words + ["-t", str(args.threads), "-q", "-o", path], check=True, stdout=subprocess.DEVNULL)
    with h5py.File(path) as file:
        kpi = {key: data[:, 0] for key, data in file["kpi"].items() if data.ndim == 3 and data.dtype.kind == "f"}
        kpi["fleet"] = file["kpi/city.couriers"][...]
    if np.any(kpi["money_imbalance"] != 0):
        sys.exit(f"{name}: books do not balance")
    print(name, file=sys.stderr)
    return kpi


def knee_of(fleet, y):
    """Where two lines that meet fit best; by trying every tenth of a courier that leaves two fleets on either side."""
    best = (math.inf, math.nan)
    fleet, y = fleet[y <= math.log(LONGEST_MIN)], y[y <= math.log(LONGEST_MIN)]
    if len(fleet) < 4:
        return math.nan
    for k in np.arange(fleet[1], fleet[-2] + 0.01, 0.1):
        lines = np.stack([np.ones_like(fleet), np.minimum(fleet - k, 0), np.maximum(fleet - k, 0)], axis=1)
        rest = y - lines @ np.linalg.lstsq(lines, y, rcond=None)[0]
        best = min(best, (float(rest @ rest), float(k)))
    return best[1]


def interval(values):
    n = len(values)
    half = T975[min(n, len(T975) - 1)] * np.std(values, ddof=1) / math.sqrt(n) if n > 1 else math.nan
    return f"{np.mean(values):.1f} [{np.mean(values) - half:.1f}, {np.mean(values) + half:.1f}]"


def shown(words):
    return "`chaland " + " ".join(f"'{w}'" if set(w) & set(" {[") else w for w in words[1:]) + "`"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--chaland", default="build/release/chaland")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--replications", type=int, default=10)
    parser.add_argument("--keep")
    args = parser.parse_args()
    rates, ways, fleets = [30, 60, 120], WAYS, "{from: 8, to: 44, step: 2}"
    args.size = ["duration=4 d"]
    if args.short:
        rates, ways, fleets, args.replications = [60], [WAYS[0], WAYS[4]], "[8, 12, 16, 20, 24, 28]", 2
        args.size = ["duration=1 d", "warmup=0 d", "population.shoppers=300"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or temporary
        os.makedirs(folder, exist_ok=True)
        pilot = run(args, folder, "pilot", command(args, 30, WAYS[0][1] + ["couriers.hand_off=1.5 min"], "[44]"))
        hand_off = max(0.2, SERVICE_MIN - (float(np.mean(pilot["service_time"])) - 1.5))
        print(f"Hand-off of {hand_off:.2f} min, for a service of {SERVICE_MIN} min.\n")
        print("| orders/h | way of working | service, min | law | knee | knee / law | within 45 min from | mean at the knee's fleet, min |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        commands = []
        for rate in rates:
            for number, (name, sets) in enumerate(ways):
                words = command(args, rate, sets + [f"couriers.hand_off={hand_off:.3f} min"], fleets)
                kpi = run(args, folder, f"s4_{rate}_{number}", words)
                time, fleet = kpi["delivery_time_mean"], kpi["fleet"]
                knees = [knee_of(fleet, np.log(time[:, r])) for r in range(time.shape[1])]
                service = float(np.nanmean(kpi["service_time"]))
                enough = fleet[np.mean(kpi["delivery_time_p95"], axis=1) <= 45]
                nearest = int(np.argmin(np.abs(fleet - np.mean(knees))))
                print(f"| {rate} | {name} | {service:.2f} | {law(rate, service):.2f} | {interval(knees)} "
                      f"| {np.mean(knees) / law(rate, service):.2f} | {enough[0] if len(enough) else math.nan:.0f} "
                      f"| {np.mean(time[nearest]):.1f} |", flush=True)
                commands.append(f"- {rate} orders/h, {name}: {shown(words)}")
        print("\n" + "\n".join(commands))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Eclipse SUMO on a grid of 20 x 20 blocks of 100 m, pedestrians that do not interact, steps of 1 s. Prints edges walked per
CPU second, and of what time.

    sumo_grid.py chain WALKERS SECONDS FOLDER       everybody starts within a minute and walks from goal to goal to the end
    sumo_grid.py bluetooth WALKERS SECONDS FOLDER   one walk each, begun at any time; all send, 200 parked cars receive
                                                    (walks in a chain crash SUMO 1.15 with Bluetooth)

For chains there are two rates: of the whole command, and of the time after the first two minutes, so that loading does not count (a
difference of two commands, which varies). What they walk is counted in a run of its own, which is not timed and is made once per
folder. A walk with Bluetooth counts all its edges and all of the time. Plans are the same in every run.
"""
import os
import random
import re
import resource
import subprocess
import sys

SIDE, SETTLED_S, FASTEST, RECEIVERS = 21, 120, 2.2, 200


def corner(x, y):
    return chr(ord("A") + x) + str(y)


def staircase(rng, x, y, gx, gy):
    """Corners from (x, y), excluded, to (gx, gy) on a random shortest way."""
    way = []
    while (x, y) != (gx, gy):
        dx, dy = gx - x, gy - y
        if dy == 0 or (dx != 0 and rng.random() * (abs(dx) + abs(dy)) < abs(dx)):
            x += 1 if dx > 0 else -1
        else:
            y += 1 if dy > 0 else -1
        way.append((x, y))
    return way


def goal(rng, x, y):
    while True:
        g = rng.randrange(SIDE), rng.randrange(SIDE)
        if g != (x, y):
            return g


def legs(rng, at, blocks):
    """Legs as lists of edges, `blocks` in all or a few more; each begins with the last edge of the one before."""
    last = None
    while blocks > 0:
        way = staircase(rng, *at, *goal(rng, *at))
        points = [at] + way
        edges = [corner(*a) + corner(*b) for a, b in zip(points, points[1:])]
        yield ([last] if last else []) + edges
        last, at, blocks = edges[-1], way[-1], blocks - len(edges)


def write_persons(path, rng, n, seconds, chained):
    planned = 0
    starts = sorted(rng.random() * (60 if chained else seconds) for _ in range(n))
    with open(path, "w", encoding="ascii") as out:
        out.write("<routes>\n")
        if not chained:
            write_receivers(out, rng, seconds)
        for i, start in enumerate(starts):
            out.write(f'<person id="p{i}" depart="{start:.2f}">')
            at = rng.randrange(SIDE), rng.randrange(SIDE)
            for edges in legs(rng, at, seconds * FASTEST / 100 if chained else 1):
                planned += len(edges)
                out.write(f'<walk edges="{" ".join(edges)}"/>')
            out.write("</person>\n")
        out.write("</routes>\n")
    return planned


def write_receivers(out, rng, seconds):
    seen = set()
    while len(seen) < RECEIVERS:
        x, y = rng.randrange(SIDE - 1), rng.randrange(SIDE)
        edge = corner(x, y) + corner(x + 1, y)
        if edge in seen:
            continue
        out.write(
            f'<trip id="r{len(seen)}" depart="0" from="{edge}" to="{edge}" departPos="50">'
            f'<stop lane="{edge}_0" endPos="60" duration="{2 * seconds}" parking="true"/>'
            '<param key="has.btreceiver.device" value="true"/></trip>\n'
        )
        seen.add(edge)


def timed(command):
    """CPU seconds of a command, which must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"sumo ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def count_edges(path, end):
    """Exits from edges until `end`, and those of them after the first minutes, by the exit times of an output of routes."""
    n = settled = 0
    pattern = re.compile(r'exitTimes="([^"]*)"')
    with open(path, encoding="ascii") as lines:
        for line in lines:
            for times in pattern.findall(line):
                exits = [float(t) for t in times.split()]
                n += sum(0 <= t < end for t in exits)
                settled += sum(SETTLED_S <= t < end for t in exits)
    return n, settled


def count_chains(sumo, folder, seconds, name):
    """What is walked in all, and after the first minutes; remembered in the folder."""
    known = os.path.join(folder, f"{name}.edges")
    if not os.path.exists(known):
        routes = os.path.join(folder, "routes.xml")
        timed(sumo + ["--end", str(seconds), "--vehroute-output", routes, "--vehroute-output.exit-times",
                      "--vehroute-output.write-unfinished"])
        with open(known, "w", encoding="ascii") as out:
            out.write("%d %d" % count_edges(routes, seconds))
        os.remove(routes)
    with open(known, encoding="ascii") as text:
        return [int(n) for n in text.read().split()]


def main():
    kind, n, seconds, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if kind not in ("chain", "bluetooth"):
        sys.exit(__doc__)
    os.environ.setdefault("SUMO_HOME", "/usr/share/sumo")
    name = f"{kind}-{n}-{seconds}"
    net, persons = os.path.join(folder, "net.xml"), os.path.join(folder, f"{name}.xml")
    if not os.path.exists(net):
        subprocess.run(["netgenerate", "--grid", f"--grid.x-number={SIDE}", f"--grid.y-number={SIDE}", "--grid.length=100", "-o", net],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    edges = write_persons(persons, random.Random(1), n, seconds, kind == "chain")
    sumo = ["sumo", "-n", net, "-r", persons, "--pedestrian.model", "nonInteracting", "--no-step-log", "--no-warnings",
            "--duration-log.disable"]
    if kind == "chain":
        edges, settled = count_chains(sumo, folder, seconds, name)
        whole, loading = timed(sumo + ["--end", str(seconds)]), timed(sumo + ["--end", str(SETTLED_S)])
        print(f"{settled / (whole - loading):.1f} after loading")
        print(f"{edges / whole:.1f} whole command")
    else:
        took = timed(sumo + ["--end", str(seconds), "--person-device.btsender.probability", "1", "--device.btreceiver.range", "30",
                             "--bt-output", os.path.join(folder, "heard.xml")])
        print(f"{edges / took:.1f} whole command, with Bluetooth")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Walkers with beacons in SimPy: 21 x 21 corners, blocks of 100 m, 200 beacons that are heard from the blocks around them
with probability 0.8 by the half of the walkers who opted in; random goals for an hour; one event per crossing.
Far less than a crossing of chaland does, so the comparison flatters SimPy. Prints crossings per CPU second.

    walkers_simpy.py WALKERS [SEED]
"""
import random
import sys
import time

import simpy

SIDE, BLOCK_M, BEACONS, HEARD, OPT_IN, SECONDS = 21, 100, 200, 0.8, 0.5, 3600


def walk(env, rng, beacons, speed, listens, count):
    x, y = rng.randrange(SIDE), rng.randrange(SIDE)
    block = BLOCK_M / speed
    random_, timeout = rng.random, env.timeout
    yield timeout(rng.random() * block)
    while True:
        gx, gy = rng.randrange(SIDE), rng.randrange(SIDE)
        while x != gx or y != gy:
            dx, dy = gx - x, gy - y
            if dy == 0 or (dx != 0 and random_() * (abs(dx) + abs(dy)) < abs(dx)):
                x += 1 if dx > 0 else -1
            else:
                y += 1 if dy > 0 else -1
            if listens:
                for _ in range(beacons[y * SIDE + x]):
                    if random_() < HEARD:
                        count[1] += 1
            count[0] += 1
            yield timeout(block)
        yield timeout(0.001)


def main():
    n = int(sys.argv[1])
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    beacons = [0] * (SIDE * SIDE)
    for _ in range(BEACONS):
        beacons[rng.randrange(SIDE * SIDE)] += 1
    env, count = simpy.Environment(), [0, 0]
    for _ in range(n):
        speed = min(2.2, max(0.6, rng.gauss(1.34, 0.26)))
        env.process(walk(env, rng, beacons, speed, rng.random() < OPT_IN, count))
    begun = time.process_time()
    env.run(until=SECONDS)
    took = time.process_time() - begun
    print(f"{count[0] / took:.1f} event phase, {count[0]} crossings, {count[1]} heard")


main()

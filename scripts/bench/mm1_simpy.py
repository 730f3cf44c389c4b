#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""M/M/1 in SimPy, in its fastest idiom: an arrival process, a store, a server. Prints customers per CPU second.

    mm1_simpy.py CUSTOMERS [SEED]
"""
import random
import sys
import time

import simpy

ARRIVALS, SERVICES = 0.9, 1.0


def arrive(env, line, n, draw):
    for _ in range(n):
        yield env.timeout(draw(ARRIVALS))
        yield line.put(env.now)


def serve(env, line, n, draw, waited):
    for _ in range(n):
        since = yield line.get()
        waited[0] += env.now - since
        yield env.timeout(draw(SERVICES))


def main():
    n = int(sys.argv[1])
    draw = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1).expovariate
    env = simpy.Environment()
    line = simpy.Store(env)
    waited = [0.0]
    env.process(arrive(env, line, n, draw))
    env.process(serve(env, line, n, draw, waited))
    begun = time.process_time()
    env.run()
    took = time.process_time() - begun
    print(f"{n / took:.1f} event phase, mean wait {waited[0] / n:.3f}")


main()

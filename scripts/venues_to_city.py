#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns a table of venues into a city for Chaland.

    scripts/venues_to_city.py VENUES.csv FOLDER [--width 8000] [--height 20000] [--shoppers 20000] [--retailers 60] [--name NAME]

VENUES.csv has the columns id, x_m, y_m (metres east and north of a corner), category, price_tier (1-4 or empty), rating_10 (0-10 or
empty) and checkins. Writes stores.csv, homes.csv, works.csv, stops.csv and NAME.yaml into FOLDER, and says what it had to assume.
Standard library only. Deterministic: what is not in the table comes from a hash of the venue's id.
"""
import argparse
import csv
import hashlib
import pathlib

# What a shop of unknown trade sells, by share of outlets (assumed; grocery and clothing lead in dense centres).
GOODS = [("clothing", 24), ("shoes", 7), ("culture", 8), ("electronics", 7), ("home", 10), ("beauty", 12), ("diy", 5), ("toys", 5), ("grocery", 22)]
PRICE = {"1": 0.75, "2": 1.0, "3": 1.4, "4": 2.0}  # relative price of a tier (assumed)


def share(key):
    """A number in [0, 1) that belongs to a text."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


def pick(weighted, u):
    total = sum(w for _, w in weighted)
    for name, weight in weighted:
        u -= weight / total
        if u < 0:
            return name
    return weighted[-1][0]


def store(venue, retailers):
    food = venue["category"] == "Food"
    rating = float(venue["rating_10"]) / 2 if venue["rating_10"] else 3.8
    return {
        "id": "V" + venue["id"],
        "retailer": retailers[int(len(retailers) * share("chain" + venue["id"]) ** 2)],  # squared: a few large chains
        "x": venue["x_m"],
        "y": venue["y_m"],
        "floor_m2": round(60 + 40 * float(venue["checkins"]) ** 0.5),
        "category": "cafe" if food else pick(GOODS, share("good" + venue["id"])),
        "price": PRICE.get(venue["price_tier"], 1.0),
        "rating": round(min(5.0, max(1.0, rating)), 2),
        "opens": "08:00" if food else "10:00",
        "closes": "22:00" if food else "20:00",
        "sunday": "yes",
    }


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{path}: {len(rows)} rows")


def spread(venues, weight):
    """One row per venue, weighted by its check-ins."""
    return [{"x": v["x_m"], "y": v["y_m"], "weight": round(weight(v), 2)} for v in venues]


SCENARIO = """# Written by scripts/venues_to_city.py from real venues.
chaland: 1
name: {name}
question: Which of four messaging policies earns more among the real venues of this city, and at what price in unwanted messages?

duration: 7 d
warmup: 1 d
replications: 10

city:
  columns: {columns}
  rows: {rows}
  stores: {{file: stores.csv}}
  homes: {{file: homes.csv}}
  works: {{file: works.csv}}
  stops: {{file: stops.csv}}
  beacons: {beacons}
  screens: 12
  depots: 2
  couriers: 40

population:
  shoppers: {shoppers}

devices:
  app: 50 % # assumed, so that an effect can be seen

policies: [silent, broadcast, context, responsive]
baseline: silent
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("venues")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--width", type=int, default=8000, help="m, from west to east")
    parser.add_argument("--height", type=int, default=20000, help="m, from south to north")
    parser.add_argument("--shoppers", type=int, default=20000)
    parser.add_argument("--retailers", type=int, default=60)
    parser.add_argument("--name", default="venues")
    a = parser.parse_args()
    with open(a.venues, newline="", encoding="utf-8") as table:
        venues = [v for v in csv.DictReader(table) if 0 <= float(v["x_m"]) <= a.width and 0 <= float(v["y_m"]) <= a.height]
    by = {}
    for v in venues:
        by.setdefault(v["category"], []).append(v)
    retailers = [f"R{i + 1:02d}" for i in range(a.retailers)]
    shops = by.get("Shop & Service", []) + by.get("Food", [])
    homes, works, stops = by.get("Residence", []), by.get("Professional & Other Places", []), by.get("Travel & Transport", [])
    if not shops or not homes:
        raise SystemExit("no row of category 'Shop & Service' or 'Food', or none of 'Residence', within the frame; check the words, --width and --height")
    a.folder.mkdir(parents=True, exist_ok=True)
    write(a.folder / "stores.csv", [store(v, retailers) for v in shops])
    write(a.folder / "homes.csv", spread(homes, lambda v: 1 + float(v["checkins"]) ** 0.5))
    write(a.folder / "works.csv", spread(works or shops, lambda v: 1 + float(v["checkins"])))
    write(a.folder / "stops.csv", [{"id": "S" + v["id"], "x": v["x_m"], "y": v["y_m"], "headway": "8 min"} for v in stops])
    path = a.folder / f"{a.name}.yaml"
    path.write_text(SCENARIO.format(name=a.name, columns=a.width // 100, rows=a.height // 100, beacons=max(1, len(shops) // 2), shoppers=a.shoppers), encoding="utf-8")
    print(f"{path}\nassumed: which good a shop sells, which chain it belongs to, floor from check-ins, opening hours,"
          " price of a tier, headways, Sunday opening, 50 % of smartphones with the app, a beacon for two shops, 12 screens;"
          " homes and jobs in proportion to check-ins")


if __name__ == "__main__":
    main()

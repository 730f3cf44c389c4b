#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does `chaland export` say what xarray reads?

    csv_check.py FILE.h5 TABLE FILE.csv     Exit status 0: yes; 1: no, said on stderr; 77: xarray or pandas are missing.

The frame is made from the file by xarray alone: a row per combination of labels, flags as words, undefined values empty.
"""
import csv
import sys

try:
    import numpy as np
    import pandas as pd
    import xarray as xr
except ImportError as missing:
    print(f"csv_check.py: {missing}; skipped", file=sys.stderr)
    sys.exit(77)

LOOKUPS = {"policy_index": ("policy_name", "policy"), "store": ("store_name", "store"), "good": ("good_name", "good"),
           "retailer": ("retailer_name", "retailer"), "replication_index": (None, "replication"), "point_index": (None, "point")}


def words(variable):
    meanings = variable.attrs.get("flag_meanings")
    return None if meanings is None else dict(zip(np.atleast_1d(variable.attrs["flag_values"]), meanings.split()))


def log_frame(data):
    columns = {}
    retailers = list(data.retailer_name.values)
    for name in data.variables:
        if data[name].dims != ("event",):
            continue
        names, shown = LOOKUPS.get(name, (None, name))
        column = pd.Series(data[name].values)
        if names:
            labels = dict(enumerate(data[names].values))
            column = column.map(labels)
        columns[shown] = column.map(words(data[name])) if words(data[name]) else column
    of_retailers = columns["kind"].map(lambda kind: "other = retailer" in data.attrs[f"columns_of_{kind}"])
    other = columns["other"].astype(object)
    other[of_retailers] = [retailers[i] for i in other[of_retailers]]
    columns["other"] = other.where(data.other.values >= 0, np.nan)
    return pd.DataFrame(columns)


def frame(data):
    if "event" in data.dims:
        return log_frame(data)
    widest = max(data.variables.values(), key=lambda v: v.ndim)
    table = data.to_dataframe(dim_order=list(widest.dims)).reset_index()
    for name in data.variables:
        if words(data[name]):
            table[name] = table[name].map(words(data[name]))
    return table


def differs(name, told, column):
    if column.dtype.kind == "M":
        return not (pd.to_datetime(pd.Series(told)).values == column.values).all()
    if column.dtype.kind == "u":
        return [int(x) for x in told] != [int(x) for x in column]
    if column.dtype.kind in "if":
        return not np.array_equal(np.array([float(x) if x else np.nan for x in told]), column.values.astype(float), equal_nan=True)
    return told != ["" if isinstance(x, float) and np.isnan(x) else str(x) for x in column]


def main(path, group, csv_path):
    wanted = frame(xr.open_dataset(path, group=group, engine="h5netcdf"))
    with open(csv_path, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file, strict=True))
    problems = []
    if set(header) != set(wanted.columns) or len(header) != len(set(header)):
        problems.append(f"columns {sorted(set(header) ^ set(wanted.columns))}")
    if len(rows) != len(wanted) or {len(row) for row in rows} != {len(header)}:
        problems.append(f"{len(rows)} rows, wanted {len(wanted)}")
    for i, name in enumerate(header):
        if not problems and differs(name, [row[i] for row in rows], wanted[name]):
            problems.append(f"column {name}")
    for problem in problems:
        print(f"{csv_path}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does what h5wasm found in a file agree with h5py, and its dates with xarray?   same.py FILE.h5 < JSON of h5wasm.mjs
Prints what is wrong, one line each, and how many arrays agree."""
import json
import sys

import h5py
import numpy as np
import xarray as xr

path, found = sys.argv[1], json.load(sys.stdin)
wrong, n = [], 0


def dims_of(dataset):
    scale = dataset.attrs.get("CLASS") == b"DIMENSION_SCALE"
    return [""] if scale else [dataset.dims[i][0].name for i in range(dataset.ndim)]


def summary(dataset):
    values = dataset.asstr()[...] if dataset.dtype.kind == "O" else dataset[...]
    flat = np.atleast_1d(values).ravel()
    if dataset.dtype.kind == "O":
        return sum(len(word) for word in flat), len(flat)
    if dataset.dtype.itemsize == 8 and dataset.dtype.kind in "iu":
        return str(int(flat.astype(np.uint64).sum())), len(flat)
    return float(np.nansum(flat, dtype=np.float64)), int((~np.isnan(flat.astype(np.float64))).sum())


with h5py.File(path) as file:
    names = [f"/{group}/{name}" for group in file for name in file[group]]
    if sorted(names) != sorted(found["arrays"]):
        wrong.append(f"other arrays: {sorted(set(names) ^ set(found['arrays']))[:5]}")
    for name in names:
        dataset, other = file[name], found["arrays"].get(name)
        if other is None:
            continue
        total, count = summary(dataset)
        same = other["sum"] == total if isinstance(total, str) else abs(float(other["sum"]) - total) <= 1e-9 * max(1.0, abs(total))
        if not same or other["n"] != count or list(other["shape"] or []) != list(dataset.shape):
            wrong.append(f"{name}: {other['n']} values, {other['sum']}, shape {other['shape']}; h5py: {count}, {total}, {dataset.shape}")
        if [d.rsplit("/", 1)[-1] if d else d for d in other["dims"]] != [d.rsplit("/", 1)[-1] for d in dims_of(dataset)]:
            wrong.append(f"{name}: labels {other['dims']}, h5py: {dims_of(dataset)}")
        if other["units"] != dataset.attrs.get("units", "") or other["long_name"] != dataset.attrs.get("long_name", ""):
            wrong.append(f"{name}: unit or long_name")
        if other["dates"]:
            group, variable = name[1:].split("/")
            times = xr.open_dataset(path, group=group, engine="h5netcdf")[variable].values
            if other["dates"] != [str(t.astype("datetime64[ms]")) + "Z" for t in (times[0], times[-1])]:
                wrong.append(f"{name}: dates {other['dates']}, xarray: {times[0]}, {times[-1]}")
        n += 1
for line in wrong:
    print(line)
print(f"{n} arrays")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Opens a results file as a user would: each group with one line of xarray, and the whole with ncdump.

Usage: read_file.py FILE.h5...        Exit status: 0 all is well, 1 something is wrong (said on stderr), 77 xarray is missing.

Checked: every group opens with both engines that are installed; every array has labelled dimensions and every dimension a
coordinate; units and long_name; times decode to dates and durations stay numbers; the parts agree with each other (the
comparison with the KPIs, the tables and days with the totals where they are of the same thing); no string has a fixed length.
"""
import shutil
import subprocess
import sys
import warnings

try:
    import h5py
    import numpy as np
    import pandas as pd
    import xarray as xr
except ImportError as missing:
    print(f"read_file.py: {missing}; skipped", file=sys.stderr)
    sys.exit(77)

REQUIRED = {"kpi", "engine", "provenance"}
KNOWN = REQUIRED | {"comparison", "fields", "stores", "retailers", "pairs", "couriers", "daily", "events", "assumptions"}
DIMS = {
    "kpi": {"point", "policy", "replication"},
    "comparison": {"point", "contrast", "metric"},
    "fields": {"point", "policy", "replication", "time", "y", "x"},
    "stores": {"point", "policy", "store"},
    "retailers": {"point", "policy", "retailer"},
    "pairs": {"point", "policy", "payer", "payee"},
    "couriers": {"point", "policy", "courier"},
    "daily": {"point", "policy", "replication", "day"},
    "engine": {"point", "policy", "replication", "worker"},
    "assumptions": {"point", "assumption", "end", "policy", "primary_kpi"},
    "events": {"policy_name", "rule_name", "store_name", "retailer_name", "good_name", "run", "event"},
    "provenance": set(),
}
problems = []


def check(good, what):
    if not good:
        problems.append(what)


def engines():
    found = [name for name in ("h5netcdf", "netcdf4") if name in xr.backends.list_engines()]
    check(found, "xarray has no engine that reads netCDF-4")
    return found


def check_strings(name, item):
    """No fixed-length strings: netCDF-C crashes on them. The two attributes by which HDF5 marks a scale are its own."""
    found = {a: item.attrs.get_id(a).dtype for a in item.attrs if a not in ("CLASS", "NAME")}
    if isinstance(item, h5py.Dataset):
        found["values"] = item.dtype
    for what, dtype in found.items():
        check(dtype.kind != "S", f"/{name}: fixed-length string ({what})")


def check_group(group, data):
    check(set(data.dims) <= DIMS[group], f"/{group}: dimensions {sorted(data.dims)}")
    for dim in data.dims:
        check(dim in data.coords, f"/{group}: dimension {dim} has no labels")
    for name, variable in data.variables.items():
        where = f"/{group}/{name}"
        check("long_name" in variable.attrs, f"{where}: no long_name")
        check(variable.dtype.kind != "m", f"{where}: decoded to a timedelta")
    check("comment" in data.attrs, f"/{group}: no comment")


def nanmean(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are NaN
        return np.nanmean(values, axis=-1)


def check_kpi(data, comparison):
    baseline = data.attrs["baseline"]
    check(baseline in data.policy.values, "/kpi: the baseline is no policy")
    check(data.fingerprint.dtype == np.uint64, "/kpi: fingerprint is not uint64")
    check("seed" in data.coords, "/kpi: seed is no coordinate")
    kpis = [name for name in data.data_vars if data[name].dtype == np.float64 and "policy" in data[name].dims]
    for name in kpis:
        check("units" in data[name].attrs, f"/kpi/{name}: no units")
    if comparison is None:
        check(data.sizes["policy"] == 1, "/comparison is missing")
        return
    check(list(comparison.metric.values) == kpis, "/comparison: metrics are not the KPIs")
    others = [list(data.policy.values).index(name) for name in comparison.contrast.values]
    base = list(data.policy.values).index(baseline)
    for i, name in enumerate(kpis):
        values = data[name].values  # [point] policy replication
        difference = values[..., others, :] - values[..., [base], :]
        mean = difference[..., 0] if difference.shape[-1] == 1 else nanmean(difference)
        scale = 1 + float(np.nanmax(np.abs(values), initial=0))
        close = np.isclose(mean, comparison.estimate.values[..., i], rtol=0, atol=1e-9 * scale, equal_nan=True)
        check(close.all(), f"/comparison: estimate of {name}")
        pairs = (~np.isnan(difference)).sum(-1)
        check((pairs == comparison.n_pairs.values[..., i]).all(), f"/comparison: n_pairs of {name}")
    low, high, middle = comparison.ci_low, comparison.ci_high, comparison.estimate
    check(bool((~(low > middle) & ~(high < middle)).all()), "/comparison: estimates outside their intervals")


def check_fields(data, full):
    check(list(data.time.values) == list(range(168)), "/fields: time is not the hour of the week")
    check(bool((data.hour == data.time % 24).all()), "/fields: hour")
    for name, field in data.data_vars.items():
        check(field.dims[-3:] == ("time", "y", "x"), f"/fields/{name}: dimensions {field.dims}")
        check("policy" in field.dims, f"/fields/{name}: no policy")
        check(("replication" in field.dims) == full, f"/fields/{name}: replications")


def check_events(data):
    """Lines of a run are a slice, in order of time, and words come from the labels."""
    check(data.time.dtype.kind == "M", "/events: time is not decoded")
    check("event" in data.encoding["unlimited_dims"], "/events: event is not unlimited")
    check(int(data.run_lines.sum()) == data.sizes["event"], "/events: run_lines")
    for run in data.run.values:
        first, lines = int(data.run_first[run]), int(data.run_lines[run])
        part = data.isel(event=slice(first, first + lines))
        check(bool((part.policy_index == data.run_policy[run]).all() and (part.replication_index == data.run_replication[run]).all()),
              f"/events: lines of run {run}")
        check(bool((part.time.diff("event").astype("int64") >= 0).all()), f"/events: run {run} is not in order of time")
    kinds = pd.Categorical.from_codes(data.kind.values, data.kind.attrs["flag_meanings"].split())
    check("leg_begins" in set(kinds), "/events: no words for kinds")


def check_layout(path):
    """Chunks of maps never span policies or replications; nothing but shuffle and deflate."""
    with h5py.File(path, "r") as file:
        file.visititems(check_strings)
        for name, dataset in file.get("fields", {}).items():
            if dataset.ndim > 3 and dataset.chunks:
                check(set(dataset.chunks[:-3]) == {1}, f"/fields/{name}: chunks {dataset.chunks}")
                check(dataset.shuffle and dataset.compression == "gzip", f"/fields/{name}: filters")
                check(np.prod(dataset.chunks) * dataset.dtype.itemsize <= 1 << 20, f"/fields/{name}: chunks above 1 MiB")
        check(file.attrs["Conventions"].startswith("CF-"), "no Conventions")
        check(file.attrs["format_name"] == "chaland", "format_name")
        check(file["provenance"].attrs["status"] == "complete", "status is not complete")
        for text in ("config_yaml", "config_source"):
            check(isinstance(file["provenance"][text].asstr()[()], str), f"/provenance/{text}")
        return set(file)


def check_engine(path, engine, groups, first=None):
    data = {}
    for group in sorted(groups):
        data[group] = xr.open_dataset(path, engine=engine, group=group).load()
        check_group(group, data[group])
        if group not in ("provenance", "fields"):  # as a user turns it into a frame: what has the longest dimension of its own
            data[group].drop_dims([d for d in data[group].dims if group == "events" and d != "event"]).to_dataframe()
    if first is not None:
        for group in sorted(groups):
            check(data[group].identical(first[group]) or group == "kpi" and data[group].equals(first[group]), f"/{group}: the engines differ")
        return data
    check_kpi(data["kpi"], data.get("comparison"))
    if "fields" in data:
        check_fields(data["fields"], "replication" in data["fields"].dims)
    if "daily" in data:
        check(data["daily"].time.dtype.kind == "M", "/daily: time is not decoded")
        check("time" in data["daily"].coords, "/daily: time is no coordinate")
    if "events" in data:
        check_events(data["events"])
    if "stores" in data:
        check(set(data["stores"].coords) >= {"store", "id", "name", "retailer", "x", "y", "floor"}, "/stores: coordinates")
    return data


def check_ncdump(path):
    if shutil.which("ncdump"):
        run = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True)
        check(run.returncode == 0 and "group: kpi" in run.stdout, f"ncdump -h: status {run.returncode} {run.stderr.strip()}")


def main(paths):
    failed = False
    for path in paths:
        groups = check_layout(path)
        check(REQUIRED <= groups <= KNOWN, f"groups {sorted(groups)}")
        data = None
        for engine in engines():
            data = check_engine(path, engine, groups, data)
        check_ncdump(path)
        sizes = ", ".join(f"/{g} " + "x".join(str(n) for n in data[g].sizes.values()) for g in sorted(groups))
        print(f"{path}: {sizes}")
        for problem in dict.fromkeys(problems):
            print(f"{path}: {problem}", file=sys.stderr)
        failed = failed or bool(problems)
        problems.clear()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

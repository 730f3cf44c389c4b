# SPDX-License-Identifier: MIT
"""A small helper for notebooks that read results of Chaland. Nothing here is needed: the plain xarray call stands beside each.

    import chaland
    run = chaland.load("output/quickstart-1.h5")   # run.kpi, run.fields, ... : xarray.open_dataset(path, group="kpi")
    chaland.contrasts(run.kpi, "net_sales")        # paired differences to the baseline, with intervals: a pandas frame
    chaland.intervals(run.kpi, ["net_sales"])      # the same as a picture
    chaland.maps(run.fields.walkers)               # one map per policy, on one colour scale; against=... gives differences
    chaland.log(run)                               # /events with words instead of numbers: a pandas frame
"""
import os
import pathlib
import shutil
import subprocess
import types

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr

ROOT = pathlib.Path(__file__).resolve().parent.parent
GROUPS = "kpi comparison fields stores retailers couriers daily assumptions events engine provenance".split()
COLOURS = ["#555555", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]  # colour-blind safe; the first: baseline


def program():
    """The program: $CHALAND, else that of this checkout, else the one on the path."""
    built = ROOT / "build" / "chaland"
    return os.environ.get("CHALAND") or (str(built) if built.exists() else shutil.which("chaland")) or "chaland"


def simulate(scenario, name, *options, **values):
    """Runs a scenario into output/NAME.h5 (`values` with __ for a dot are --set) and loads it. Seconds, for a notebook."""
    path = ROOT / "output" / f"{name}.h5"
    path.parent.mkdir(exist_ok=True)
    sets = [f"--set={key.replace('__', '.')}={value}" for key, value in values.items()]
    subprocess.run([program(), "run", scenario, "--quiet", "--force", "-o", str(path), *options, *sets], check=True)
    return load(path)


def load(path):
    """All groups of a file as attributes; xarray.open_dataset(path, group=...) gives one of them. The program, if it is there, checks
    the file first: xarray sees what is cut off, but not a value that was changed."""
    if shutil.which(program()):
        judged = subprocess.run([program(), "export", str(path), "--list"], capture_output=True, text=True)
        if judged.returncode:
            raise OSError(judged.stderr.strip())
    run = types.SimpleNamespace(path=str(path))
    for group in GROUPS:
        try:
            setattr(run, group, xr.open_dataset(path, group=group, engine="h5netcdf"))
        except (OSError, KeyError):
            setattr(run, group, None)  # not in this file: see docs/OUTPUT.md
    if run.kpi is None:
        raise OSError(f"{path} is no results file of chaland")
    return run


def t_quantile(p, df):
    """Student's t, for those without scipy: with t = sqrt(df) tan(a) the density is cos(a) to the power df - 1."""
    a = np.linspace(-np.pi / 2, np.pi / 2, 200001)
    density = np.clip(np.cos(a), 0, None) ** (df - 1)
    mass = np.concatenate([[0], np.cumsum(density[1:] + density[:-1])])
    return np.sqrt(df) * np.tan(np.interp(p, mass / mass[-1], a))


def contrasts(kpi, name, baseline=None, confidence=0.95):
    """Each policy less the baseline, replication by replication: a frame of estimate, low, high, sd, n by policy (and point)."""
    baseline = baseline or kpi.attrs["baseline"]
    difference = (kpi[name] - kpi[name].sel(policy=baseline, drop=True)).drop_sel(policy=baseline)
    n, mean, sd = difference.count("replication"), difference.mean("replication"), difference.std("replication", ddof=1)
    width = xr.apply_ufunc(lambda k: t_quantile((1 + confidence) / 2, k - 1) if k > 1 else np.nan, n, vectorize=True) * sd / np.sqrt(n)
    names = {"estimate": mean, "low": mean - width, "high": mean + width, "sd": sd, "n": n}
    return xr.Dataset(names).to_dataframe()[list(names)]


def unit(variable):
    return {"1": "", "share": "share"}.get(variable.attrs.get("units", ""), variable.attrs.get("units", ""))


def colour(kpi, policy):
    others = [str(p) for p in kpi.policy.values if p != kpi.attrs["baseline"]]
    return COLOURS[0] if policy not in others else COLOURS[1 + others.index(policy) % (len(COLOURS) - 1)]


def intervals(kpi, names, **options):
    """A panel per key figure: the difference of each policy to the baseline, with its interval."""
    figure, axes = plt.subplots(1, len(names), figsize=(4.2 * len(names), 0.6 + 0.5 * kpi.sizes["policy"]), squeeze=False)
    for axis, name in zip(axes[0], names):
        table = contrasts(kpi, name, **options)
        for i, (policy, row) in enumerate(table.iterrows()):
            axis.errorbar(row.estimate, -i, xerr=[[row.estimate - row.low], [row.high - row.estimate]], fmt="o", capsize=4,
                          color=colour(kpi, policy))
        axis.axvline(0, color="#999999", linewidth=1, zorder=0)
        axis.set_yticks([-i for i in range(len(table))], table.index if axis is axes[0][0] else [""] * len(table))
        axis.set_ylim(-len(table) + 0.4, 0.6)
        axis.set_xlabel(f"{name.replace('_', ' ')}, difference to {options.get('baseline') or kpi.attrs['baseline']}" +
                        (f" [{unit(kpi[name])}]" if unit(kpi[name]) else ""))
    figure.tight_layout()
    return figure


def maps(field, against=None, hours=slice(0, 167), title=None):
    """Sum over hours of the week, one map per policy on one scale; with `against` the differences, white where there is none."""
    total = field.sel(time=hours).sum("time", keep_attrs=True)
    if against is not None:
        total = (total - total.sel(policy=against, drop=True)).drop_sel(policy=against).assign_attrs(field.attrs)
    most = float(np.abs(total).quantile(0.995)) or 1.0
    scale = {"vmin": 0, "vmax": most, "cmap": "viridis"} if against is None else {"vmin": -most, "vmax": most, "cmap": "RdBu_r"}
    n, wide = total.sizes["policy"], total.sizes["x"] / total.sizes["y"]
    figure, axes = plt.subplots(1, n, figsize=(3.1 * wide * n + 0.8, 3.4), squeeze=False, sharey=True, layout="constrained")
    for axis, policy in zip(axes[0], total.policy.values):
        image = axis.pcolormesh(total.x, total.y, total.sel(policy=policy).transpose("y", "x"), shading="nearest", **scale)
        axis.set(title=str(policy) if against is None else f"{policy} - {against}", aspect="equal", xlabel="east [m]")
    axes[0][0].set_ylabel("north [m]")
    figure.colorbar(image, ax=axes[0].tolist(), label=title or field.attrs["long_name"], shrink=0.85, extend="max" if against is None else "both")
    return figure


def log(run):
    """The log of moments with words instead of numbers."""
    data = run.events
    frame = data.drop_dims([d for d in data.dims if d != "event"]).to_dataframe()
    frame["kind"] = pd.Categorical.from_codes(frame.kind, data.kind.attrs["flag_meanings"].split())
    for number, names in (("policy_index", "policy_name"), ("store", "store_name"), ("retailer", "retailer_name")):
        frame[number.replace("_index", "")] = pd.Categorical.from_codes(frame[number], data[names].values)
    return frame.rename(columns={"point_index": "point", "replication_index": "replication"}).drop(columns="policy_index")


def origin(run):
    """The last line of a notebook: where the numbers come from, and how to get them again."""
    p = run.provenance.attrs
    return f"chaland {p['version']} {p['git_commit']}, seed {p['master_seed']}, fingerprint {p['fingerprint']}; again: chaland rerun {pathlib.Path(run.path).name}"

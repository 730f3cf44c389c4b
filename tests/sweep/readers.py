"""Others read what a sweep leaves: xarray with labelled points, csv with one row per run, chunks as tables."""
import csv
import glob
import sys

try:
    import xarray
except ImportError:
    print("xarray is not installed")
    sys.exit(0)

folder = sys.argv[1]
rows = list(csv.DictReader(open(folder + "/runs.csv")))
kpi = xarray.open_dataset(folder + "/merged.h5", group="kpi", engine="h5netcdf")
assert kpi.sizes["point"] == 6 and kpi.sizes["policy"] == 2 and kpi.sizes["replication"] == 4
assert "consent.transparency" in kpi.coords and "point_label" in kpi.coords, kpi.coords
assert list(kpi["consent.transparency"].values) == [0.2, 0.2, 0.5, 0.5, 0.8, 0.8]
for row in rows:
    run = kpi.isel(point=int(row["point"]), replication=int(row["replication"])).sel(policy=row["policy"])
    assert float(row["consent.transparency"]) == float(run["consent.transparency"])
    assert int(row["fingerprint"], 16) == int(run["fingerprint"]), row["run"]
    if row["net_sales"]:
        assert float(row["net_sales"]) == float(run["net_sales"])
chunks = sorted(glob.glob(folder + "/chunks/*/*.h5"))
runs = [int(i) for path in chunks for i in xarray.open_dataset(path, group="runs", engine="h5netcdf").run.values]
assert runs == list(range(len(rows))), runs

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does docs/OUTPUT.md say what stands in real files, no more and no less?

    output_check.py OUTPUT.md probes.md FILE.h5...    Exit status 0: yes; 1: no, said on stderr; 77: h5py is missing.

Variables that probes declare are looked up in the generated page of probes; all others must have their row in the page.
"""
import re
import sys

try:
    import h5py
except ImportError as missing:
    print(f"output_check.py: {missing}; skipped", file=sys.stderr)
    sys.exit(77)

RUNS, PLACES = "[point] policy replication", "[point] policy "
KINDS = {"SUM": ("kpi", RUNS), "MEAN": ("kpi", RUNS), "RATIO": ("kpi", RUNS), "P95": ("kpi", RUNS),
         "P50": ("kpi", RUNS), "VALUE": ("kpi", RUNS),
         "MAP": ("fields", PLACES + "[replication] time y x"), "STORE": ("stores", PLACES + "store"),
         "RETAILER": ("retailers", PLACES + "retailer"), "COURIER": ("couriers", PLACES + "courier"),
         "PAIR": ("pairs", PLACES + "payer payee"),
         "DAILY": ("daily", RUNS + " day")}
COMMON = {"comment", "coordinates"}  # attributes of groups that netCDF readers know
problems = []


def complain(*words):
    problems.append(" ".join(str(word) for word in words))


def rows(text, width):
    """Cells of the rows of the tables with so many columns."""
    for line in text.splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == width and not set(cells[0]) <= {"-"} and cells[0].startswith("`"):
            yield cells


def read_page(path):
    """Section -> (variables, attributes, kinds, text)."""
    sections = {}
    with open(path, encoding="utf-8") as file:
        for part in re.split(r"^## ", file.read(), flags=re.M)[1:]:
            title, text = part.split("\n", 1)
            variables = {row[0].strip("`"): row[1:] for row in rows(text, 5)}
            attributes = {name: row[1] for row in rows(text, 3) for name in re.findall(r"`([^`]+)`", row[0])}
            kinds = {row[0].strip("`"): row[1:] for row in rows(text, 6)} if title == "/events" else {}
            sections[title] = (variables, attributes, kinds if kinds else {}, text)
    return sections


def read_probes(path):
    with open(path, encoding="utf-8") as file:
        return {cells[0].strip("`"): cells for cells in rows(file.read(), 6)}


def type_of(thing):
    dtype = thing.dtype if hasattr(thing, "dtype") else None
    return "text" if dtype is None or dtype.kind in "OSU" else str(dtype)


def dims_of(dataset):
    name = dataset.name.split("/")[-1]
    if dataset.attrs.get("CLASS") == b"DIMENSION_SCALE":
        return [name]
    return [dataset.dims[i][0].name.split("/")[-1] for i in range(dataset.ndim)]


def fits(told, dims):
    """Are the dimensions those told, some of the bracketed ones left out?"""
    wanted = told.split()
    return [d.strip("[]") for d in wanted if d.strip("[]") in dims or "[" not in d] == dims


def check_variable(where, dataset, told_dims, told_type, told_units, told_doc):
    if not fits(told_dims, dims_of(dataset)):
        complain(where, "has dimensions", dims_of(dataset), "told:", told_dims)
    if type_of(dataset) not in told_type.split(" or "):
        complain(where, "is", type_of(dataset), "told:", told_type)
    units = dataset.attrs.get("units", "")
    units = re.sub(r" since \d.*", " since the start", units)
    if told_units != "of the key" and units != told_units:
        complain(where, "has units", repr(units), "told:", repr(told_units))
    if told_doc and not told_doc.startswith(dataset.attrs["long_name"].replace("|", "/")):
        complain(where, "says", repr(dataset.attrs["long_name"]), "told:", repr(told_doc))


def check_attributes(where, item, told, text, seen):
    for name, value in item.attrs.items():
        seen.add((where, name))
        if name in COMMON or name.startswith("columns_of_"):
            continue
        if name in told:
            if type_of(value) != told[name]:
                complain(where, "attribute", name, "is", type_of(value), "told:", told[name])
        elif f"`{name}`" not in text:
            complain(where, "has an attribute", name, "of which nothing is told")


def check_group(path, name, group, page, probes, seen):
    section = f"/{name}"
    if section not in page:
        return complain(path, "has a group", section, "of which nothing is told")
    variables, attributes, kinds, text = page[section]
    sweep = page["Dimensions of a sweep"][0]
    check_attributes(section, group, attributes, text, seen)
    for variable, dataset in group.items():
        where = f"{path}: {section}/{variable}"
        seen.add((section, variable))
        if variable in variables:
            check_variable(where, dataset, *variables[variable])
        elif variable in probes and KINDS.get(probes[variable][3], ("",))[0] == name:
            wanted = "int32 or int64" if name == "fields" else "float64"
            check_variable(where, dataset, KINDS[probes[variable][3]][1], wanted, probes[variable][2] or "1", None)
        elif variable in sweep or "." in variable:
            seen.add(("Dimensions of a sweep", variable if variable in sweep else "SECTION.KEY"))
            check_variable(where, dataset, *sweep.get(variable, sweep["SECTION.KEY"])[:3], None)
        else:
            complain(where, "is not told of")
    for kind, cells in kinds.items():
        told = "; ".join([cells[0]] + [f"{c} = {x}" for c, x in zip(("other", "detail", "value", "extra"), cells[1:]) if x])
        if group.attrs.get(f"columns_of_{kind}") != told:
            complain(path, "kind", kind, "is", group.attrs.get(f"columns_of_{kind}"), "told:", told)
    if kinds and list(kinds) != group["kind"].attrs["flag_meanings"].split():
        complain(path, "has other kinds of moments")


WANTED = [*range(1, 21), *range(23, 27), *range(28, 39), 40, 41, 42, 44, 45, 50, 54, 55]  # of the model reference


def check_numbers(path, file):
    """Every key figure stands in the file, with number, definition and unit; what flows in pairs makes the sum."""
    found = set()
    for group in file.values():
        for variable, dataset in group.items():
            if "kpi" in dataset.attrs:
                found.add(dataset.attrs["kpi"])
                for need in ("long_name", "units"):
                    if not dataset.attrs.get(need):
                        complain(path, variable, dataset.attrs["kpi"], "has no", need)
    for number in WANTED:
        if f"K{number:02d}" not in found:
            complain(path, f"has no K{number:02d}")
    if "pairs" in file:
        pairs = file["pairs/commission_between"][...].sum((-2, -1))
        whole = file["kpi/commission_paid"][...].mean(-1)
        if not (abs(pairs - whole) <= 1e-6 + 1e-9 * abs(whole)).all():
            complain(path, "pairs make", pairs, "commission_paid", whole)


def main(page_path, probes_path, *paths):
    page, probes, seen = read_page(page_path), read_probes(probes_path), set()
    for path in paths:
        with h5py.File(path, "r") as file:
            check_numbers(path, file)
            check_attributes("The file itself", file, page["The file itself"][1], "", seen)
            for name, group in file.items():
                check_group(path, name, group, page, probes, seen)
    for section, (variables, attributes, _, _) in page.items():
        for name in list(variables) + list(attributes):
            if (section, name) not in seen:
                complain(f"{section}: {name} is told of, but in no file")
    for problem in dict.fromkeys(problems):
        print(problem, file=sys.stderr)
    print(f"{len(paths)} files, {len(seen)} names")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

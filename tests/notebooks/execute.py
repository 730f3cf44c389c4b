#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs notebooks as a user would, in a copy of their folder, and looks at what came out.

    execute.py FOLDER OUT NOTEBOOK.ipynb...     Prints "ok NAME" or "FAIL NAME: why"; 77: nbclient or what notebooks need is missing.

A notebook asks one question, runs without an error or a warning in its cells, shows at least one picture that is not blank, and
ends with where its numbers come from. Pictures go to OUT, to be looked at. FOLDER holds scripts/ and docs/notebooks/.
"""
import base64
import pathlib
import sys
import time
import warnings

warnings.filterwarnings("ignore")  # of this process: what nbclient's own parts say to each other
try:
    import h5netcdf  # noqa: F401
    import ipykernel  # noqa: F401
    import matplotlib.image
    import nbclient
    import nbformat
except ImportError as missing:
    print(f"{missing}; scripts/bootstrap notebooks installs what is needed", file=sys.stderr)
    sys.exit(77)

import io


def pictures(book):
    for cell in book.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                yield base64.b64decode(output["data"]["image/png"])


def blank(png):
    pixels = matplotlib.image.imread(io.BytesIO(png))[..., :3]
    return pixels.std() < 0.02 or (abs(pixels - pixels[0, 0]) > 0.1).any(-1).mean() < 0.005


def complaints(book, source, own):
    first, last = source.cells[0], source.cells[-1]
    title = first.source.splitlines()[0]
    if first.cell_type != "markdown" or not title.startswith("# ") or not (title.endswith("?") or not own):
        yield "its title is no question"
    if own and any(cell.get("outputs") for cell in source.cells):
        yield "it is stored with outputs"
    for cell in book.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                yield "a cell warns: " + output["text"][:300]
    images = list(pictures(book))
    if not images:
        yield "no picture"
    if any(blank(png) for png in images):
        yield "a blank picture"
    text = "".join(o.get("text", "") for o in book.cells[-1].get("outputs", []))
    if last.cell_type != "code" or "chaland rerun" not in text:
        yield "its last cell does not tell where the numbers come from"


def execute(path, folder, out):
    source = nbformat.read(path, as_version=4)
    nbformat.validate(source)
    book = nbformat.read(path, as_version=4)
    begin = time.time()
    try:
        nbclient.NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    except nbclient.exceptions.CellExecutionError as error:
        return [str(error)[-1500:]], 0, time.time() - begin
    for i, png in enumerate(pictures(book)):
        (out / f"{path.stem}-{i + 1}.png").write_bytes(png)
    own = path.parent.name == "notebooks"
    return list(complaints(book, source, own)), len(list(pictures(book))), time.time() - begin


def main(folder, out, *paths):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for path in map(pathlib.Path, paths):
        found, n, seconds = execute(path, pathlib.Path(folder), out)
        if found:
            print(f"FAIL notebook {path.name}: " + "; ".join(found))
        else:
            print(f"ok notebook {path.name}: {n} pictures, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

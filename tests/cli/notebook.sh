# `chaland notebook` writes a notebook beside the file, and never over anything; tests/notebooks runs what it writes.
# shellcheck shell=bash disable=SC2154

printf 'chaland: 1\nname: quoted\nextends: quickstart\nquestion: Is "this" a \\ question, Zoé?\n' >quoted.yaml
mkdir -p books
chaland run quoted.yaml "${short[@]}" -q --force -o 'books/a "b".h5'
chaland notebook 'books/a "b".h5'
check "notebook: beside the file" '[ $status = 0 ] && nothing_said && told "next    jupyter lab books/a \"b\".ipynb" && no_part "books/a \"b\".ipynb"'
check "notebook: is JSON that carries question and name" '"$python" - "books/a \"b\".ipynb" <<"PY"
import json, sys
book = json.load(open(sys.argv[1], encoding="utf-8"))
sources = ["".join(cell["source"]) for cell in book["cells"]]
assert sources[0].startswith("# Is \"this\" a \\ question, Zoé?\n"), sources[0]
names = {}
exec([line for line in sources[1].splitlines() if line.startswith("path = ")][0], names)
assert names["path"] == "a \"b\".h5", names["path"]
for cell, source in zip(book["cells"], sources):
    if cell["cell_type"] == "code":
        compile(source, "cell", "exec")
PY'
chaland notebook 'books/a "b".h5'
check "notebook: overwrites nothing" '[ $status = 73 ] && said "--force" && nothing_told'
chaland notebook 'books/a "b".h5' --force --json
check "notebook: but with --force" '[ $status = 0 ] && nothing_said && checks keys output <"$tmp/out"'
chaland notebook 'books/a "b".h5' -q -o elsewhere.ipynb
check "notebook: elsewhere, it knows the way" '[ $status = 0 ] && nothing_told && grep -qF "$(pwd -P)/books/a " elsewhere.ipynb'
spares notebook again.h5 notebook again.h5
refuses "notebook: no results file" 2 "is not an HDF5 file" notebook "$quickstart"
refuses "notebook: no folder" 74 "nofolder" notebook again.h5 -o nofolder/n.ipynb

// SPDX-License-Identifier: MIT
// Reads every array of a results file as a page in a browser would, with h5wasm, and tells on standard output, as JSON, what it found:
// shape, names of the dimensions, unit, how many values are defined, their sum or length of text, and times as dates.
//   node h5wasm.mjs FILE.h5      from a copy beside node_modules
import h5 from "h5wasm/node";

const path = process.argv[2];
await h5.ready;
const file = new h5.File(path, "r"), out = { attrs: attributes(file), arrays: {} };

function attributes(thing) {
    const texts = {};
    for (const [name, attr] of Object.entries(thing.attrs)) if (typeof attr.value === "string") texts[name] = attr.value;
    return texts;
}

function dates(units, values) { // "milliseconds since 2013-01-09 00:00:00"
    const words = /^(milliseconds|seconds) since (\S+) (\S+)$/.exec(units ?? "");
    if (!words) return null;
    const start = Date.parse(words[2] + "T" + words[3] + "Z"), ms = words[1] === "seconds" ? 1000 : 1;
    return [values[0], values[values.length - 1]].map(v => new Date(start + Number(v) * ms).toISOString());
}

function summary(set) {
    const attrs = attributes(set), raw = set.value, text = set.dtype === "S";
    const values = raw === null ? [] : text ? [raw].flat() : ArrayBuffer.isView(raw) ? raw : [raw];
    let sum = 0, n = 0;
    if (text) for (const word of values) { sum += [...word].length; n++; }
    else if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
        let big = 0n;
        for (const v of values) { big += BigInt.asUintN(64, v); n++; }
        sum = BigInt.asUintN(64, big).toString();
    } else for (const v of values) if (!Number.isNaN(v)) { sum += v; n++; }
    const scale = /^This is|DIMENSION_SCALE/.test(attrs.CLASS ?? "");
    const dims = (set.shape ?? []).map((_, i) => scale ? "" : (set.get_attached_scales(i)[0] ?? null));
    return { shape: set.shape, dims, units: attrs.units ?? "", long_name: attrs.long_name ?? "", n, sum, dates: dates(attrs.units, values) };
}

for (const name of file.keys()) {
    const group = file.get(name);
    for (const key of group.keys()) out.arrays["/" + name + "/" + key] = summary(group.get(key));
}
console.log(JSON.stringify(out));
file.close();

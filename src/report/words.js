/* SPDX-License-Identifier: MIT
 * Nodes, numbers and tables. Nothing here sets a style attribute or builds HTML from text: the page's own policy forbids the
 * one, and names in the data may hold anything. */
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function fillNode(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes || {})) {
        if (value === null || value === undefined || value === false) continue;
        if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
        else node.setAttribute(key, value === true ? "" : value);
    }
    for (const child of children.flat(Infinity)) if (child !== null && child !== undefined) node.append(child);
    return node;
}
const el = (tag, attributes, ...children) => fillNode(document.createElement(tag), attributes, children);
const svgEl = (tag, attributes, ...children) => fillNode(document.createElementNS(SVG, tag), attributes, children);

/* ---- numbers: the same rounding as on the command line ---- */

const known = (x) => typeof x === "number" && Number.isFinite(x);

/* Decimals that show so many digits of a half width, at most 6. */
function decimalsFor(half, estimate, digits) {
    let a = half > 0 ? half : Math.abs(estimate), unit = 10 ** (digits - 1), n = 0;
    for (; n < 6 && a > 0 && a < unit; unit /= 10) n++;
    return n;
}
const fixed = (x, n) => (Math.abs(x) < 0.5 / 10 ** n ? 0 : x).toLocaleString("en", { minimumFractionDigits: n, maximumFractionDigits: n });

function number(x) {
    if (!known(x)) return "\u2013";
    const a = Math.abs(x);
    return a === 0 ? "0" : fixed(x, a >= 1000 ? 0 : a >= 100 ? 1 : a >= 1 ? 2 : a >= 0.01 ? 4 : 6);
}
const money = (x) => (known(x) ? fixed(x, Math.abs(x) >= 1000 ? 0 : 2) : "\u2013");
/* i is [estimate, low, high, n, p] */
function interval(i, sign) {
    if (!i || !known(i[0])) return "\u2013";
    if (i[0] === 0 && i[1] === 0 && i[2] === 0) return "0 [0, 0]";
    const plus = sign && i[0] > 0 ? "+" : "";
    if (!known(i[1])) return plus + number(i[0]); /* of one replication, or of none that differ in being defined */
    const n = decimalsFor((i[2] - i[1]) / 2, i[0], 2);
    return `${plus}${fixed(i[0], n)} [${fixed(i[1], n)}, ${fixed(i[2], n)}]`;
}
const scaled = (i, factor) => i && [i[0], i[1], i[2]].map((x) => (known(x) ? x * factor : x)).concat(i.slice(3));
const percent = (x, n) => (known(x) ? `${fixed(100 * x, n === undefined ? 1 : n)} %` : "\u2013");
const isShare = (kpi) => kpi.unit === "share";
const unitOf = (kpi) => (isShare(kpi) ? "%" : kpi.unit);
/* 1: clearly more, -1: clearly less, 0: not clear */
const side = (i) => (!i || !known(i[1]) ? 0 : i[1] > 0 ? 1 : i[2] < 0 ? -1 : 0);

/* About n round marks within low .. high. */
function ticks(low, high, n) {
    const raw = (high - low) / n, power = 10 ** Math.floor(Math.log10(raw)), ratio = raw / power;
    const step = power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10), out = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) out.push(k * step);
    return { at: out, decimals: Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9))) };
}

/* ---- the data, once it is there ---- */

const R = { data: null, maps: null, point: 0 };
const kpi = (name) => R.data.kpis.find((k) => k.name === name && !k.idle);
const meanOf = (k, p) => k.mean[R.point][p];
const diffOf = (k, p) => k.diff[R.point][p];
const others = () => R.data.policies.map((_, p) => p).filter((p) => p !== R.data.baseline);
const everyone = () => R.data.policies.map((_, p) => p);

/* ---- policies: a colour and a mark each ---- */

const MARKS = ["M-4.5-4.5H4.5V4.5H-4.5Z", "M0-5.5A5.5 5.5 0 1 1 0 5.5A5.5 5.5 0 1 1 0-5.5Z", "M0-6.5L6 5H-6Z", "M0-6.5L6.5 0L0 6.5L-6.5 0Z",
    "M0 6.5L6-5H-6Z", "M-5.5-2H-2V-5.5H2V-2H5.5V2H2V5.5H-2V2H-5.5Z", "M-5.5-3L0-6L5.5-3V3L0 6L-5.5 3Z", "M-5.5-3.5H5.5V3.5H-5.5Z"];
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [12, 3], [1, 2], [6, 2, 2, 2]];
const colourName = (p) => `--p${p % 8}`;
const colour = (p) => `var(${colourName(p)})`;
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const markPath = (p, x, y, hollow) =>
    svgEl("path", { d: MARKS[p % 8], transform: `translate(${x} ${y})`, fill: hollow ? "var(--card)" : colour(p), stroke: colour(p), "stroke-width": 1.6 });
const markOf = (p) => svgEl("svg", { viewBox: "-8 -8 16 16", class: "mark", "aria-hidden": "true" }, markPath(p, 0, 0));
const named = (p) => [markOf(p), R.data.policies[p] + (R.data.forced[p] ? " (stress test)" : "")];
const legend = (list) => el("ul", { class: "legend" }, list.map((p) => el("li", null, named(p))));

/* ---- tables ---- */

/* Numbers stand right, words left. */
const cellOf = (cell) => el("td", { class: typeof cell === "string" && /^([-+(\u2013]?[\d.,(]|\u2013$|$)/.test(cell) ? null : "left" }, cell);
/* head: texts; rows: lists of texts, the first being the row's head */
function plainTable(caption, head, rows) {
    return el("div", { class: "scroll tall" }, el("table", null, caption ? el("caption", null, caption) : null,
        el("thead", null, el("tr", null, head.map((h, i) => el("th", { scope: "col", class: rows.length && cellOf(rows[0][i]).className }, h)))),
        el("tbody", null, rows.map((row) => el("tr", null, row.map((cell, i) => (i ? cellOf(cell) : el("th", { scope: "row" }, cell))))))));
}
/* Estimate, and below it what comes with it. */
const stacked = (i, sign, more) => {
    const text = interval(i, sign), cut = text.indexOf(" [");
    return cut < 0 ? [text, more && known(i && i[0]) ? el("small", null, more) : null] : [text.slice(0, cut), el("small", null, text.slice(cut + 1) + (more ? ` \u00b7 ${more}` : ""))];
};
const tableBehind = (caption, head, rows) => el("details", null, el("summary", null, "The numbers as a table"), plainTable(caption, head, rows));

function section(id, title, short, ...children) {
    return el("section", { id, "data-short": short, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), children);
}

/* Sorts the rows of a table by its head; what is undefined goes last in either direction. */
function sortBy(table, column, descending) {
    const body = table.tBodies[0], rows = [...body.rows];
    const key = (row) => {
        const text = row.cells[column].dataset.sort;
        return text === undefined || text === "" ? null : table.tHead.rows[0].cells[column].dataset.kind === "text" ? text : Number(text);
    };
    rows.sort((a, b) => {
        const x = key(a), y = key(b);
        if (x === null || y === null) return (x === null) - (y === null);
        return (x < y ? -1 : x > y ? 1 : 0) * (descending ? -1 : 1);
    });
    body.append(...rows);
    for (const th of table.tHead.rows[0].cells) th.removeAttribute("aria-sort");
    table.tHead.rows[0].cells[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
}

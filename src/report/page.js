/* SPDX-License-Identifier: MIT
 * The remaining sections, and the start: unpack, draw, and draw again for another width, theme or design point. */

/* ---- commission between retailers ---- */

/* Value of an array over (point,) policy, member. */
function memberValue(group, name, p, i) {
    const a = group[name], n = a.size[a.size.length - 1], policies = R.data.policies.length;
    return a.values[a.size.length === 1 ? i : ((a.size.length === 3 ? R.point : 0) * policies + p) * n + i];
}

function commissionChart(list, p, width) {
    const left = Math.min(150, width * 0.32), row = 22, height = list.length * row + 40, centre = left + (width - left) / 2, reach = (width - left) / 2 - 60;
    const most = Math.max(...list.flatMap((r) => [r.paid, r.received])) || 1, g = [];
    g.push(svgEl("text", { x: centre - 8, y: 12, "text-anchor": "end", class: "soft" }, "\u2190 paid, EUR"), svgEl("text", { x: centre + 8, y: 12, class: "soft" }, "received, EUR \u2192"));
    list.forEach((r, k) => {
        const y = 22 + k * row, a = (r.paid / most) * reach, b = (r.received / most) * reach;
        g.push(svgEl("text", { x: left - 10, y: y + 13, "text-anchor": "end" }, r.name.length > 20 ? r.name.slice(0, 19) + "\u2026" : r.name));
        g.push(svgEl("rect", { x: centre - a, y: y + 3, width: a, height: row - 7, fill: "var(--plus)" }), svgEl("rect", { x: centre, y: y + 3, width: b, height: row - 7, fill: "var(--minus)" }));
        g.push(svgEl("text", { x: centre - a - 5, y: y + 14, "text-anchor": "end", class: "soft" }, money(r.paid)), svgEl("text", { x: centre + b + 5, y: y + 14, class: "soft" }, money(r.received)));
    });
    g.push(svgEl("line", { x1: centre, x2: centre, y1: 18, y2: height - 14, class: "axis" }));
    return svgEl("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Commission paid and received by retailers under ${R.data.policies[p]}; the numbers are in the table below` }, g);
}

function commission() {
    const G = R.data.retailers, D = R.data;
    if (!G || !G.commission_paid_by || !G.commission_received_by || !G.retailer) return null;
    const names = G.retailer.values.map((id, i) => (G.name && G.name.values[i] ? G.name.values[i] : id));
    const rows = (p) => names.map((name, i) => ({ name, paid: memberValue(G, "commission_paid_by", p, i) || 0, received: memberValue(G, "commission_received_by", p, i) || 0 }))
        .sort((a, b) => b.received - b.paid - (a.received - a.paid));
    const total = everyone().map((p) => rows(p).reduce((s, r) => s + r.paid, 0));
    if (!total.some((t) => t > 0)) return null;
    const box = el("div", null), pick = el("select", { id: "commission-pick" }, everyone().map((p) => el("option", { value: p }, `${D.policies[p]} (${money(total[p])} EUR)`)));
    pick.value = total.indexOf(Math.max(...total));
    const draw = () => {
        const p = Number(pick.value), all = rows(p), busy = all.filter((r) => r.paid || r.received), size = (r) => Math.max(r.paid, r.received);
        const keep = new Set([...busy].sort((a, b) => size(b) - size(a)).slice(0, 24)), shown = busy.filter((r) => keep.has(r));
        box.replaceChildren(shown.length ? commissionChart(shown, p, room()) : el("p", null, "None was paid."),
            shown.length < busy.length ? el("p", { class: "note" }, `The ${shown.length} largest of ${busy.length} retailers with any; all are in the table.`) : "",
            tableBehind("mean per run, less reversals", ["retailer", "paid, EUR", "received, EUR", "net, EUR"], all.map((r) => [r.name, money(r.paid), money(r.received), money(r.received - r.paid)])),
            ...flows(p, names, room()));
    };
    pick.addEventListener("change", draw);
    R.later.push(draw);
    return section("commission", "Commission between retailers", "Commission", el("p", { class: "note" }, "Who sells a wish that came from another retailer's list pays that retailer. Mean per run, less reversals; most net receipts first."),
        el("div", { class: "controls" }, el("label", null, "under", pick)), box);
}

/* ---- over the points of a sweep ---- */

/* "a.b=1, c.d=2": without the sections, which are the same on all lines. */
const shortLabel = (label) => label.split(", ").map((part) => part.replace(/^[^=]*\.(?=[^.=]*=)/, "")).join(", ");

function sweepSection() {
    const D = R.data, list = D.kpis.filter((k) => !k.idle && (k.primary || k.shown)), compared = others();
    if (D.points.length < 2 || D.points.length > 120 || !list.length) return null;
    const figure = el("select", { id: "sweep-figure" }, list.map((k, i) => el("option", { value: i }, k.name)));
    const policy = el("select", { id: "sweep-policy" }, (compared.length ? compared : everyone()).map((p) => el("option", { value: p }, D.policies[p]))), box = el("div", null);
    const draw = () => {
        const k = list[Number(figure.value)], p = Number(policy.value), unit = PER_PEOPLE.includes(k.name) ? "EUR per 1,000 inhabitants and week" : unitOf(k);
        const rows = D.points.map((label, q) => ({ p, name: shortLabel(label), i: scaled(compared.length ? k.diff[q][p] : k.mean[q][p], perPeople(k, q)) }));
        const there = rows.filter((r) => r.i && known(r.i[0]));
        box.replaceChildren(there.length ? forest(there, room(), unit, compared.length > 0) : el("p", null, "Undefined at every point."),
            tableBehind(k.doc, ["design point", compared.length ? `${D.policies[p]} \u2212 ${D.policies[D.baseline]}, ${unit}` : unit], rows.map((r) => [r.name, interval(r.i, compared.length > 0)])));
    };
    figure.addEventListener("change", draw);
    policy.addEventListener("change", draw);
    R.later.push(draw);
    return section("sweep", "Over the design points", "Sweep", el("p", { class: "note" }, `${compared.length ? `Differences to \u2018${D.policies[D.baseline]}\u2019 at each point` : "Means at each point"}, with ${percent(D.confidence, 0)} intervals.`),
        el("div", { class: "controls" }, el("label", null, "figure", figure), compared.length > 1 ? el("label", null, "policy", policy) : null), box);
}

/* ---- couriers ---- */

const COURIER_FIGURES = ["delivery_time_mean", "delivery_time_p95", "promise_kept_rate", "courier_idle_share", "courier_earnings_per_hour", "cost_per_drop"];

function dropsChart(width) {
    const G = R.data.couriers, n = G.courier.values.length, height = 230, left = 46, right = 12, bottom = 40, g = [];
    const curves = everyone().map((p) => Array.from({ length: n }, (_, i) => memberValue(G, "courier_drops", p, i)).sort((a, b) => b - a));
    const most = Math.max(...curves.flat()) || 1, x = (i) => left + ((i + 0.5) / n) * (width - left - right), y = (v) => 8 + (1 - v / most) * (height - bottom - 8), up = ticks(0, most, 4);
    for (const v of up.at) g.push(svgEl("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), class: "grid" }), svgEl("text", { x: left - 8, y: y(v) + 4, "text-anchor": "end", class: "soft" }, fixed(v, up.decimals)));
    curves.forEach((c, p) => {
        g.push(svgEl("path", { d: "M" + c.map((v, i) => `${x(i)} ${y(v)}`).join("L"), stroke: colour(p), "stroke-width": 2, fill: "none", "stroke-dasharray": DASHES[p % 8].join(" ") || null }));
        c.forEach((v, i) => { if (i % Math.ceil(n / 12) === 0) g.push(markPath(p, x(i), y(v))); });
    });
    g.push(svgEl("text", { x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle", class: "soft" }, `couriers, the busiest first (${n})`));
    return el("div", null, el("h3", null, "Fleet use: drops per courier"), svgEl("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Drops per courier, sorted, per policy; the numbers are in the table below" }, g),
        tableBehind("mean per run", ["courier", ...everyone().map((p) => named(p))], Array.from({ length: n }, (_, i) => [String(i), ...everyone().map((p) => number(memberValue(G, "courier_drops", p, i)))])));
}

function couriers() {
    const G = R.data.couriers, list = COURIER_FIGURES.map(kpi).filter((k) => k);
    const hasDrops = G && G.courier && G.courier_drops && G.courier_drops.values.some((v) => v > 0);
    if (!kpi("drops") || !list.some((k) => everyone().some((p) => known(meanOf(k, p)[0])))) return null;
    const panels = list.map((k) => {
        const f = isShare(k) ? 100 : 1, rows = everyone().map((p) => ({ p, i: scaled(meanOf(k, p), f) })).filter((r) => r.i && known(r.i[0]));
        return rows.length ? el("div", null, el("h3", null, k.name), forest(rows, half(), unitOf(k), false), tableBehind(k.doc, ["policy", `mean, ${unitOf(k)}`], rows.map((r) => [named(r.p), interval(r.i, false)]))) : null;
    });
    return section("couriers", "Couriers", "Couriers", el("p", { class: "note" }, `Means over replications with ${percent(R.data.confidence, 0)} intervals.`), everyone().length > 1 ? legend(everyone()) : null, el("div", { class: "forests" }, panels),
        hasDrops ? dropsChart(room()) : null);
}

/* ---- assumptions ---- */

const TURNS = ["nothing of note", "more than twice what it was", "less than half of what it was", "clear before, and no longer", "clear now, and not before", "clear, and of the other sign"];

/* One line per parameter, end, policy and figure that something becomes of. */
function turningPoints(A) {
    const names = A.assumption.values, size = A.verdict.size, swept = size.length === 5, D = R.data, out = [];
    const kpis = A.primary_kpi.values, policies = D.policies.length, points = swept ? size[2] : 1;
    names.forEach((name, i) => A.end.values.forEach((end, e) => everyone().forEach((p) => kpis.forEach((figure, k) => {
        const at = (((i * 2 + e) * points + (swept ? R.point : 0)) * policies + p) * kpis.length + k, turn = A.verdict.values[at];
        if (p !== D.baseline && turn > 0)
            out.push({ name, unit: A.unit.values[i], value: A.value.values[i], tried: A.tried.values[i * 2 + e], p, figure, turn, i: [A.contrast.values[at], A.ci_low.values[at], A.ci_high.values[at]] });
    }))));
    return out.sort((a, b) => b.turn - a.turn);
}

function assumptions() {
    const D = R.data, A = D.assumptions, intro = `Behind this stand ${D.parameters} parameters, ${D.assumed} of them assumed, without a source.`;
    if (!D.parameters) return null;
    if (!A || !A.verdict || !A.assumption)
        return section("assumptions", "Assumptions that carry the answer", "Assumptions", el("p", null, intro + " They were not tried in this run: ", el("code", null, "chaland run SCENARIO --assumptions"), " tells which of them would turn the answer."));
    const list = turningPoints(A), carrying = new Set(list.map((t) => t.name)).size, figureUnit = (name) => { const k = kpi(name); return k && k.unit ? `, ${k.unit}` : ""; }, unit = (u) => (u && u !== "1" ? ` ${u}` : "");
    return section("assumptions", "Assumptions that carry the answer", "Assumptions",
        el("p", null, `${intro} ${A.assumption.values.length} were tried at both ends of their range, all else and the luck staying the same; ${carrying ? `${carrying} of them ${carrying === 1 ? "changes" : "change"} a primary difference by more than luck:` : "none changes a primary difference in kind."}`),
        list.length ? plainTable(null, ["parameter", "as it is", "tried", "policy", "figure", "difference there", "what becomes of it"],
            list.map((t) => [t.name, number(t.value) + unit(t.unit), number(t.tried) + unit(t.unit), named(t.p), t.figure + figureUnit(t.figure), interval(t.i, true), TURNS[t.turn]])) : null);
}

/* ---- provenance ---- */

function saveText(name, text) {
    const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "text/yaml" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function provenance() {
    const D = R.data, P = D.provenance, name = `${D.name.replace(/[^\w.-]+/g, "_")}.yaml`;
    const rows = [["program", `${P.program || "chaland"} ${P.version || ""}, commit ${P.git_commit || "unknown"}${P.git_dirty === "1" ? " with local changes" : ""}`], ["made with", [P.compiler, P.build_type, P.hdf5_version && `HDF5 ${P.hdf5_version}`].filter(Boolean).join(", ")],
        ["run", [P.created_at, P.wall_time_s && `${fixed(Number(P.wall_time_s), 1)} s`, P.threads && `${P.threads} threads`].filter(Boolean).join(", ")], ["seed", `${P.master_seed || "?"} (${P.rng_name || ""})`],
        ["run id", P.run_id], ["fingerprint", P.fingerprint], ["results_sha256", P.results_sha256], ["config_sha256", P.config_sha256], ["file", D.file]].filter((r) => r[1]);
    return section("provenance", "Where this comes from, and how to run it again", "Provenance",
        el("dl", null, rows.flatMap(([k, v]) => [el("dt", null, k), el("dd", null, v)])),
        el("h3", null, "Run it again"),
        D.rerun ? el("p", null, el("code", null, `chaland rerun ${D.file}`), " reruns the scenario in the results file and compares the results.")
            : el("p", null, "Save the scenario below, then ", el("code", null, `chaland run ${name}`), "; with the program above, the fingerprint at the end must be the one above, on any machine and with any number of threads."),
        el("div", { class: "controls" }, el("button", { type: "button", onclick: () => saveText(name, D.config) }, `Save ${name}`)),
        el("details", null, el("summary", null, "The scenario with every default spelled out"), el("pre", { tabindex: 0 }, D.config)));
}

/* ---- start ---- */

async function unpack(id) {
    const text = document.getElementById(id).textContent.trim();
    if (!text) return new Uint8Array(0);
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

function render() {
    const makers = [sweepSection, keyFigures, tradeoff, mapSection, funnel, consent, commission, couriers, assumptions, provenance];
    (R.leave || []).forEach((f) => f());
    R.later = [];
    R.leave = [];
    for (const v of document.querySelectorAll(".verdict")) v.hidden = v.dataset.point !== "-1" && Number(v.dataset.point) !== R.point;
    document.getElementById("answer-charts").replaceChildren(primaryIntervals() || "");
    const made = makers.map((f) => f()).filter((s) => s);
    document.getElementById("sections").replaceChildren(...made);
    R.later.forEach((f) => f());
    document.getElementById("nav").replaceChildren(...[document.getElementById("answer"), ...made].map((s) => el("a", { href: `#${s.id}` }, s.dataset.short)));
    for (const b of document.querySelectorAll("b.policy")) b.style.borderBottomColor = colour(Number(b.dataset.policy));
}

function tools() {
    const D = R.data, box = document.getElementById("tools");
    if (D.points.length > 1) {
        const pick = el("select", { id: "point-pick" }, D.points.map((label, i) => el("option", { value: i }, label)));
        pick.addEventListener("change", () => { R.point = Number(pick.value); render(); });
        box.append(el("label", null, "design point", pick));
    }
    box.append(el("button", { type: "button", id: "theme", onclick: () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; render(); } }, "Light / dark"));
    document.getElementById("run").textContent = `${D.policies.length} ${D.policies.length === 1 ? "policy" : "policies"}, ${D.replications} replication${D.replications === 1 ? "" : "s"} of ${number(7 * D.weeks).replace(/\.00$/, "")} days, ${fixed(D.people[0], 0)} simulated people${D.people[0] < D.inhabitants ? ` for ${fixed(D.inhabitants, 0)} inhabitants` : ""}.`;
    if (D.forced.some((f) => f)) document.getElementById("run").after(el("p", { class: "warning" }, `Stress test: ${D.policies.filter((_, p) => D.forced[p]).join(", ")} ignores consent. It is measured, and never recommended.`));
}

async function start() {
    R.data = JSON.parse(new TextDecoder().decode(await unpack("data")));
    R.maps = await unpack("maps-data");
    tools();
    render();
    let width = innerWidth, waiting = 0;
    addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => { if (innerWidth !== width) { width = innerWidth; render(); } }, 200); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (!document.documentElement.dataset.theme) render(); });
    let theme; /* paper is white */
    addEventListener("beforeprint", () => { theme = document.documentElement.dataset.theme; document.documentElement.dataset.theme = "light"; render(); });
    addEventListener("afterprint", () => { if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme; render(); });
    document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
    document.getElementById("sections").append(el("p", { class: "warning" }, `This browser cannot unpack the data of the page (${error.message}); a current Firefox, Chrome, Edge or Safari can.`));
    throw error;
});

/* SPDX-License-Identifier: MIT
 * Sections but the maps. Each makes its nodes from the data, or null when the file has nothing for it. */

/* ---- intervals of differences, with every replication as a dot ---- */

const PER_PEOPLE = ["retail_profit", "sponsor_profit", "net_sales", "sponsor_sales", "incremental_sales", "policy_cost"];

/* rows: [{p, i, dots, name}]; name: that of the policy unless given */
function forest(rows, width, unit, zero) {
    const named = rows.some((r) => r.name), left = Math.min(named ? 330 : 150, width * (named ? 0.42 : 0.34)), right = 14, row = named ? 26 : 40, most = Math.floor(left / 7.2), height = rows.length * row + 46;
    const all = rows.flatMap((r) => [r.i[0], r.i[1], r.i[2], ...(r.dots || [])]).filter(known).concat(zero ? [0] : []);
    let low = Math.min(...all), high = Math.max(...all);
    const pad = (high - low || Math.abs(high) || 1) * 0.06;
    low -= pad;
    high += pad;
    const x = (v) => left + ((v - low) / (high - low)) * (width - left - right);
    const marks = ticks(low, high, width < 420 ? 3 : 5), g = [];
    for (const v of marks.at) {
        g.push(svgEl("line", { x1: x(v), x2: x(v), y1: 2, y2: height - 40, class: zero && v === 0 ? "axis" : "grid" }));
        g.push(svgEl("text", { x: x(v), y: height - 24, "text-anchor": "middle", class: "soft" }, fixed(v, marks.decimals)));
    }
    g.push(svgEl("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle", class: "soft" }, unit));
    rows.forEach((r, k) => {
        const y = k * row + 22, name = r.name || R.data.policies[r.p];
        g.push(svgEl("text", { x: left - 12, y: y + 4, "text-anchor": "end" }, name.length > most ? name.slice(0, most - 1) + "\u2026" : name));
        (r.dots || []).forEach((v, i) => {
            if (known(v)) g.push(svgEl("circle", { cx: x(v), cy: y + 9 + (i % 3) * 2.2, r: 2, fill: colour(r.p), opacity: 0.38 }));
        });
        if (known(r.i[1]))
            g.push(svgEl("path", { d: `M${x(r.i[1])} ${y}H${x(r.i[2])}M${x(r.i[1])} ${y - 4}v8M${x(r.i[2])} ${y - 4}v8`, stroke: colour(r.p), "stroke-width": 2.4, fill: "none" }));
        if (known(r.i[0])) g.push(markPath(r.p, x(r.i[0]), y));
    });
    return svgEl("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": rows.map((r) => `${r.name || R.data.policies[r.p]} ${interval(r.i, zero)}`).join("; ") + " " + unit }, g);
}

/* Width of the box that a chart will stand in. */
const room = (share) => Math.max(280, Math.floor((document.getElementById("sections").clientWidth - (innerWidth <= 640 ? 26 : 42)) * (share || 1)));
const half = () => (room() > 950 ? (room() - 28) / 2 : room());

function perPeople(k, point = R.point) {
    return PER_PEOPLE.includes(k.name) ? 1000 / R.data.people[point] / R.data.weeks : isShare(k) ? 100 : 1;
}

function primaryIntervals() {
    const D = R.data, list = D.kpis.filter((k) => k.primary && !k.idle);
    if (D.policies.length < 2 || !list.length) return null;
    const panels = list.map((k) => {
        const factor = perPeople(k), n = D.replications, at = (p) => (R.point * D.policies.length + p) * n;
        const rows = others().map((p) => ({ p, i: scaled(diffOf(k, p), factor),
            dots: n > 200 ? [] : Array.from({ length: n }, (_, i) => {
                const a = k.runs[at(p) + i], b = k.runs[at(D.baseline) + i];
                return known(a) && known(b) ? (a - b) * factor : null;
            }) }));
        const unit = PER_PEOPLE.includes(k.name) ? "EUR per 1,000 inhabitants and week" : unitOf(k);
        return el("div", null, el("h3", null, k.name), forest(rows, half(), unit, true),
            tableBehind(k.doc, ["policy", `difference, ${unit}`, "p"], rows.map((r) => [named(r.p), interval(r.i, true), number(r.i[4])])));
    });
    return el("div", null, el("p", { class: "note" }, `What each policy changes against \u2018${D.policies[D.baseline]}\u2019. Bars: ${percent(D.confidence, 0)} intervals of the paired differences, which hold together for all primary figures; dots: single replications.`),
        el("div", { class: "forests" }, panels));
}

/* ---- key figures ---- */

function kpiCell(k, p) {
    const f = isShare(k) ? 100 : 1, d = diffOf(k, p), base = meanOf(k, R.data.baseline)[0];
    if (!d || !known(d[0])) {
        const own = meanOf(k, p);
        return el("td", { "data-sort": "" }, own && known(own[0]) ? `(${number(own[0] * f)})` : "\u2013");
    }
    const relative = known(base) && base !== 0 ? d[0] / Math.abs(base) : d[0] === 0 ? 0 : Math.sign(d[0]) * Number.MAX_VALUE;
    const clear = side(d);
    return el("td", { "data-sort": relative, "data-value": d[0], "data-kpi": k.name, "data-policy": p, class: clear ? "clear" : null,
        title: known(d[4]) ? `p = ${d[4].toPrecision(2)}, ${d[3]} pairs` : null },
        stacked(scaled(d, f), true, Math.abs(relative) < Number.MAX_VALUE ? `${relative > 0 ? "+" : ""}${percent(relative, Math.abs(relative) < 0.1 ? 2 : 1)}` : "from 0"));
}

function kpiRow(k) {
    const base = meanOf(k, R.data.baseline), f = isShare(k) ? 100 : 1;
    const row = el("tr", { class: k.primary ? "primary" : null },
        el("th", { scope: "row", "data-sort": k.name }, k.name.split("_").flatMap((word, i) => (i ? ["_", el("wbr"), word] : [word])), el("small", null, k.doc + (k.primary ? " \u2013 primary" : ""))),
        el("td", { "data-sort": k.k || "", class: "left" }, k.k ? `K${String(k.k).padStart(2, "0")}` : ""),
        el("td", { "data-sort": unitOf(k), class: "left" }, unitOf(k)),
        el("td", { "data-sort": known(base[0]) ? base[0] : "", "data-value": known(base[0]) ? base[0] : "", "data-kpi": k.name, "data-policy": R.data.baseline }, stacked(scaled(base, f), false)),
        others().map((p) => kpiCell(k, p)));
    row.dataset.shown = k.shown ? "1" : "";
    row.dataset.words = `${k.name} ${k.doc} k${k.k}`.toLowerCase();
    return row;
}

function keyFigures() {
    const D = R.data, list = D.kpis.filter((k) => !k.idle), idle = D.kpis.length - list.length;
    const heads = [["key figure", "text"], ["K", "number"], ["unit", "text"], [D.policies[D.baseline], "number"], ...others().map((p) => [`${D.policies[p]} \u2212 ${D.policies[D.baseline]}`, "number"])];
    const table = el("table", { id: "kpi-table", "aria-describedby": "kpi-about" }), about = el("p", { class: "note", id: "kpi-about" }, `Means per simulated run (${number(D.people[R.point]).replace(/\.00$/, "")} people, ${number(7 * D.weeks).replace(/\.00$/, "")} days) with ${percent(D.confidence, 0)} intervals; differences are paired by replication, bold when clear of 0. In brackets: undefined under the baseline, the policy's own mean.`);
    table.append(el("thead", null, el("tr", null, heads.map(([text, kind], column) => el("th", { scope: "col", "data-kind": kind },
            el("button", { type: "button", onclick: (e) => sortBy(table, column, e.currentTarget.parentNode.getAttribute("aria-sort") === "ascending") }, text))))),
        el("tbody", null, list.map(kpiRow)));
    const count = el("output", null), frame = el("div", { class: "scroll" }, table);
    const all = el("input", { type: "checkbox", id: "kpi-all" }), find = el("input", { type: "search", id: "kpi-find", placeholder: "wish, K13, delivery \u2026", "aria-label": "Find a key figure" });
    const show = () => {
        const words = find.value.trim().toLowerCase();
        let n = 0;
        for (const row of table.tBodies[0].rows) {
            row.hidden = words ? !row.dataset.words.includes(words) : !all.checked && !row.dataset.shown;
            n += !row.hidden;
        }
        frame.classList.toggle("tall", n > 30);
        count.textContent = `${n} of ${list.length} figures`;
    };
    all.addEventListener("change", show);
    find.addEventListener("input", show);
    show();
    return section("figures", "Key figures", "Figures",
        el("div", { class: "controls" }, el("label", null, "Find", find), el("label", null, all, "all figures"), count),
        about, frame,
        D.left_out ? el("p", { class: "note" }, `${D.left_out} figures are left out, as this sweep has many points: chaland compare ${D.file} --all lists them.`) : null,
        idle ? el("p", { class: "note" }, `${idle} figures of mechanisms that this scenario leaves off are not listed.`) : null);
}

/* ---- profit against intrusion ---- */

/* As many replications as a verdict wants. */
const enough = () => R.data.replications >= 10;

function tradeoffChart(list, width) {
    const height = Math.min(430, Math.max(300, width * 0.5)), left = 66, right = 20, top = 14, bottom = 52;
    const range = (name) => {
        const v = list.flatMap((t) => t[name].slice(0, 3)).filter(known).concat([0]);
        const low = Math.min(...v), high = Math.max(...v), pad = high - low || 1;
        return [low - 0.06 * pad, high + 0.1 * pad];
    };
    const [x0, x1] = range("intrusion"), [y0, y1] = range("profit");
    const x = (v) => left + ((v - x0) / (x1 - x0)) * (width - left - right), y = (v) => height - bottom - ((v - y0) / (y1 - y0)) * (height - top - bottom);
    const g = [], across = ticks(x0, x1, width < 480 ? 4 : 7), up = ticks(y0, y1, 6);
    for (const v of across.at) g.push(svgEl("line", { x1: x(v), x2: x(v), y1: top, y2: height - bottom, class: "grid" }), svgEl("text", { x: x(v), y: height - bottom + 18, "text-anchor": "middle", class: "soft" }, fixed(v, across.decimals)));
    for (const v of up.at) g.push(svgEl("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), class: v === 0 ? "axis" : "grid" }), svgEl("text", { x: left - 8, y: y(v) + 4, "text-anchor": "end", class: "soft" }, fixed(v, up.decimals)));
    g.push(svgEl("text", { x: (left + width - right) / 2, y: height - 10, "text-anchor": "middle" }, "unwanted messages per inhabitant and week \u2192"));
    g.push(svgEl("text", { transform: `translate(14 ${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, "profit gained, EUR \u2192"));
    const taken = [];
    list.forEach((t, p) => {
        if (!known(t.profit[0]) || !known(t.intrusion[0])) return;
        const sure = known(t.probability) ? (enough() ? `${width < 560 ? "" : " not beaten:"} ${percent(t.probability, 0)}` : "") : " stress test", wide = 7.2 * (R.data.policies[p].length + sure.length) + 14;
        const px = x(t.intrusion[0]), py = y(t.profit[0]), flip = px + wide > width && px > wide;
        if (known(t.profit[1])) g.push(svgEl("line", { x1: px, x2: px, y1: y(t.profit[1]), y2: y(t.profit[2]), stroke: colour(p), "stroke-width": 2 }));
        if (known(t.intrusion[1])) g.push(svgEl("line", { x1: x(t.intrusion[1]), x2: x(t.intrusion[2]), y1: py, y2: py, stroke: colour(p), "stroke-width": 2 }));
        g.push(markPath(p, px, py, !t.best));
        let ty = py - 9;
        while (taken.some(([a, b]) => Math.abs(a - ty) < 15 && Math.abs(b - px) < wide)) ty -= 15;
        taken.push([ty, px]);
        g.push(svgEl("text", { x: px + (flip ? -11 : 11), y: ty, "text-anchor": flip ? "end" : "start", class: "halo" },
            svgEl("tspan", { "font-weight": 600 }, R.data.policies[p]), sure));
    });
    return svgEl("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Profit gained against unwanted messages, one mark per policy; the numbers are in the table below" }, g);
}

function tradeoff() {
    const list = R.data.tradeoff[R.point];
    if (!list) return null;
    return section("tradeoff", "Profit against intrusion", "Trade-off",
        el("p", { class: "note" }, "Up is more profit than the baseline per 1,000 inhabitants and week, left is fewer unwanted messages. Filled: no other policy is at least as good in both and better in one. " + (enough() ? "\u201cNot beaten\u201d is in how many of 999 bootstrap samples of the replications that holds." : "In how many bootstrap samples that would hold cannot be said of so few replications.")),
        tradeoffChart(list, room()),
        tableBehind(null, ["policy", "profit gained, EUR per 1,000 and week", "unwanted per inhabitant and week", "not beaten", "by the means"],
            list.map((t, p) => [named(p), interval(t.profit, true), interval(t.intrusion, false), known(t.probability) ? (enough() ? percent(t.probability, 1) : "\u2013") : "stress test", t.best ? "worth choosing" : known(t.probability) ? "beaten" : ""])));
}

/* ---- from detection to purchase ---- */

function funnelSteps() {
    const share = kpi("detection_probability"), none = kpi("consent_share_0"), of = (name) => (p) => { const k = kpi(name); return k ? meanOf(k, p)[0] : null; };
    const passes = of("beacon_passes");
    const steps = [
        ["Phones detected at a beacon", "passes", (p) => (share && known(passes(p)) ? passes(p) * meanOf(share, p)[0] : null)],
        ["People who hold some consent", "people, on average", (p) => (none ? (1 - meanOf(none, p)[0]) * R.data.people[R.point] : null)],
        ["Messages delivered", "messages", of("messages_delivered")],
        ["Messages opened", "messages", of("messages_opened")],
        ["Went to the store for it", "visits", of("offers_taken")],
        ["Bought with its coupon", "purchases", of("messages_redeemed")]];
    return steps.map(([name, unit, value]) => ({ name, unit, values: everyone().map((p) => { const v = value(p); return known(v) ? v : null; }) }))
        .filter((s) => s.values.some((v) => v > 0));
}

function funnelChart(steps, width) {
    const left = width < 560 ? 0 : 210, bar = 13, gap = 20, lift = left ? 0 : 18, n = R.data.policies.length;
    const height = steps.length * (n * bar + gap + lift) + 8, most = Math.max(...steps.flatMap((s) => s.values)), g = [];
    const x = (v) => (Math.log10(Math.max(v, 0.5) / 0.5) / Math.log10(most / 0.5)) * (width - left - 84);
    steps.forEach((s, k) => {
        const top = k * (n * bar + gap + lift) + 6;
        g.push(svgEl("text", { x: left ? left - 12 : 0, y: left ? top + (n * bar) / 2 - 2 : top + 8, "text-anchor": left ? "end" : "start" }, s.name));
        g.push(svgEl("text", { x: left ? left - 12 : width, y: left ? top + (n * bar) / 2 + 13 : top + 8, "text-anchor": "end", class: "soft" }, s.unit));
        s.values.forEach((v, p) => {
            const y = top + lift + p * bar;
            g.push(svgEl("rect", { x: left, y: y + 1, width: v > 0 ? Math.max(1.5, x(v)) : 0, height: bar - 2.5, fill: colour(p) }));
            g.push(svgEl("text", { x: left + (v > 0 ? Math.max(1.5, x(v)) : 0) + 6, y: y + bar - 2.5, class: "soft" }, number(v)));
        });
    });
    return svgEl("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Counts from detection to purchase per policy, on a logarithmic scale; the numbers are in the table below" }, g);
}

function funnel() {
    const steps = funnelSteps();
    if (steps.length < 3) return null;
    return section("funnel", "From detection to purchase", "Funnel",
        el("p", { class: "note" }, "Means per simulated run, on a logarithmic scale. The steps count different things: passes, people, messages, visits, purchases."),
        legend(everyone()), funnelChart(steps, room()),
        tableBehind("mean per run", ["step", "counts", ...everyone().map((p) => named(p))], steps.map((s) => [s.name, s.unit, ...s.values.map(number)])));
}

/* ---- days ---- */

const withAlpha = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, "0");

function dayAxis(since) {
    const match = /since (\d{4})-(\d\d)-(\d\d)/.exec(since || "");
    const start = match ? Date.UTC(+match[1], match[2] - 1, +match[3]) : 0;
    return (d) => new Date(start + d * 86400000);
}

/* An axis of numbers, as wide as they are. */
const upAxis = (axis) => ({ ...axis, size: (u, words) => Math.max(48, 18 + 7.5 * Math.max(0, ...(words || []).map((w) => String(w).length))),
    values: (u, v) => v.map((t) => (Math.abs(t) >= 1000 ? fixed(t, 0) : String(Math.round(t * 1e6) / 1e6))) });

/* One line and one band per policy; series is flat [point][policy][day] of [mean, low, high]. */
function dayChart(box, series, days, when, width) {
    const D = R.data, at = (p, d) => series.values[(R.point * D.policies.length + p) * days + d], x = Array.from({ length: days }, (_, d) => +when(d) / 1000);
    const columns = [x], rows = [{ label: "day", value: (u, v) => (v === null ? "\u2013" : new Date(v * 1000).toISOString().slice(0, 10)) }], bands = [];
    everyone().forEach((p) => {
        const c = css(colourName(p));
        rows.push({ label: D.policies[p], stroke: c, width: 2, dash: DASHES[p % 8], points: { show: days < 40, size: 5, fill: c }, value: (u, v) => number(v) });
        columns.push(x.map((_, d) => at(p, d)[0]));
        for (const side of [2, 1]) {
            rows.push({ stroke: "transparent", width: 0, points: { show: false }, label: "" });
            columns.push(x.map((_, d) => at(p, d)[side]));
        }
        bands.push({ series: [rows.length - 2, rows.length - 1], fill: withAlpha(c, Number(css("--band")) || 0.16) });
    });
    const axis = { stroke: css("--soft"), grid: { stroke: css("--grid"), width: 1 }, ticks: { stroke: css("--grid"), width: 1 } };
    const DAY = 86400, chart = new uPlot({ width, height: 290, series: rows, bands, scales: { x: { time: true } }, tzDate: (t) => uPlot.tzDate(new Date(t * 1000), "Etc/UTC"),
        axes: [{ ...axis, incrs: [1, 2, 7, 14, 28, 91, 182, 364].map((d) => d * DAY), values: (u, v) => v.map((t) => (t % DAY ? "" : new Date(t * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }))) }, upAxis(axis)], cursor: { drag: { x: true, y: false } },
        legend: { show: true, live: true } }, columns, box);
    chart.root.querySelectorAll("tr.u-series").forEach((tr, i) => { tr.hidden = i > 0 && i % 3 !== 1; }); /* the edges of the bands */
    return chart;
}

function consentLevels(width) {
    const list = [1, 2, 3].map((l) => kpi(`consent_share_${l}`));
    if (list.some((k) => !k)) return null;
    const left = Math.min(130, width * 0.3), row = 30, height = R.data.policies.length * row + 24, shades = [0.38, 0.68, 1], g = [];
    const total = (p) => list.reduce((s, k) => s + meanOf(k, p)[0], 0), most = Math.max(...everyone().map(total));
    everyone().forEach((p) => {
        let at = left;
        g.push(svgEl("text", { x: left - 10, y: p * row + 18, "text-anchor": "end" }, R.data.policies[p]));
        list.forEach((k, l) => {
            const w = (meanOf(k, p)[0] / most) * (width - left - 70);
            g.push(svgEl("rect", { x: at, y: p * row + 5, width: Math.max(0, w - 1), height: row - 11, fill: colour(p), "fill-opacity": shades[l], stroke: colour(p), "stroke-width": 0.8 }));
            if (w > 20) g.push(svgEl("text", { x: at + w / 2, y: p * row + 19, "text-anchor": "middle", "font-weight": 600, class: l === 2 ? "inverse" : null }, String(l + 1)));
            at += w;
        });
        g.push(svgEl("text", { x: at + 8, y: p * row + 19, class: "soft" }, percent(total(p))));
    });
    return el("div", null, el("h3", null, "Share of person-days by level of consent"),
        svgEl("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Share of person-days at consent levels 1 to 3 per policy; the numbers are in the table below" }, g),
        el("p", { class: "note" }, "1: recognised, 2: wishlist shared, 3: history shared; the rest of the days holds no consent."),
        tableBehind(null, ["policy", "level 1, %", "level 2, %", "level 3, %"], everyone().map((p) => [named(p), ...list.map((k) => interval(scaled(meanOf(k, p), 100), false))])));
}

const DAILY = { daily_consenting: "People who hold some consent", daily_sales: "Sales", daily_open_wishes: "Open wishes", daily_members: "Members of the pool" };

function consent() {
    const D = R.data, cells = D.points.length * D.policies.length, when = dayAxis(D.daily.since);
    const list = D.daily.series.filter((s) => s.values.some((v) => v[0])).sort((a, b) => (b.name === "daily_consenting") - (a.name === "daily_consenting"));
    const levels = consentLevels(room());
    if (!list.length && !levels) return null;
    const box = el("div", { class: "chart" }), behind = el("div", null), pick = el("select", { id: "daily-pick", "aria-label": "What to show by day" }, list.map((s, i) => el("option", { value: i }, DAILY[s.name] || s.name)));
    const draw = () => {
        const s = list[Number(pick.value) || 0], days = s.values.length / cells;
        box.replaceChildren();
        dayChart(box, s, days, when, room());
        behind.replaceChildren(tableBehind(`${s.doc}, mean [interval]`, ["day", ...everyone().map((p) => named(p))], Array.from({ length: days }, (_, d) =>
            [when(d).toISOString().slice(0, 10), ...everyone().map((p) => interval(s.values[(R.point * D.policies.length + p) * days + d], false))])));
    };
    pick.addEventListener("change", draw);
    const parts = list.length && list[0].values.length / cells > 1 ? [el("div", { class: "controls" }, el("label", null, "By day:", pick)), box, behind] : [];
    if (parts.length) R.later.push(draw);
    return section("consent", "Consent over time", "Consent", parts.length ? el("p", { class: "note" }, `Means over replications, with ${percent(D.confidence, 0)} bands. Drag to zoom, double click to see all.`) : null, parts, levels);
}

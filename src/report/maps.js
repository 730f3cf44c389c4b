/* SPDX-License-Identifier: MIT
 * Maps by hour of the week: policies side by side on one colour scale, what each changes, and a slider with play. */

/* Values of a layer at a point: [policy] of quanta; policies are stored as differences to the first, low bytes first. */
function mapValues(layer, point) {
    const M = R.data.maps, n = M.frames * M.rows * M.columns, policies = R.data.policies.length, low = M.layers[layer].low, out = [];
    for (let p = 0; p < policies; p++) {
        const at = ((layer * R.data.points.length + point) * policies + p) * 2 * n, raw = new Uint16Array(n);
        for (let i = 0; i < n; i++) raw[i] = R.maps[at + i] + (R.maps[at + n + i] << 8) + (p ? out[0][i] : 0);
        out.push(raw);
    }
    return out.map((raw) => Int32Array.from(raw, (v) => v + low));
}

const VIRIDIS = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121], [110, 206, 88], [181, 222, 43], [253, 231, 37]];
const PAPER = [[255, 255, 229], [237, 248, 200], [199, 233, 180], [127, 205, 187], [65, 182, 196], [29, 145, 192], [34, 94, 168], [37, 52, 148], [8, 29, 88]];
const blend = (a, b, t) => [0, 1, 2].map((i) => a[i] + (b[i] - a[i]) * t);
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
function rampColour(list, t) {
    const x = Math.min(1, Math.max(0, t)) * (list.length - 1), i = Math.min(list.length - 2, Math.floor(x));
    return blend(list[i], list[i + 1], x - i);
}
const isDark = () => getComputedStyle(document.documentElement).colorScheme === "dark";

/* What lies between 0 and 1 on the scale that was chosen. */
const SHAPES = { "square root": Math.sqrt, linear: (t) => t, logarithmic: (t) => Math.log1p(999 * t) / Math.log(1000) };
const UNSHAPES = { "square root": (t) => t * t, linear: (t) => t, logarithmic: (t) => (1000 ** t - 1) / 999 };

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
function frameName(f) {
    const h = f * R.data.maps.hours, end = h + R.data.maps.hours;
    const clock = (x) => `${String(x % 24).padStart(2, "0")}:00`;
    if (R.data.maps.hours >= 168) return "the whole week";
    return `${DAYS[Math.floor(h / 24)]} ${clock(h)}\u2013${clock(end) === "00:00" ? "24:00" : clock(end)}`;
}

const TITLES = { walkers: "Footfall", sales_map: "Sales", messages_map: "Messages" };

function mapView() {
    const D = R.data, M = D.maps, cells = M.rows * M.columns;
    const view = { layer: 0, frame: 0, week: true, shape: "square root", cell: -1, timer: 0, values: null, quantum: 1, most: 1, mostWeek: 1, mostDiff: 1, mostDiffWeek: 1 };
    const current = (p) => {
        const out = new Float64Array(cells), v = view.values[p];
        if (!view.week) for (let i = 0; i < cells; i++) out[i] = v[view.frame * cells + i];
        else out.set(view.sums[p]);
        return out;
    };
    view.load = () => {
        view.values = mapValues(view.layer, R.point);
        view.quantum = M.layers[view.layer].quantum;
        view.sums = view.values.map((v) => { const s = new Float64Array(cells); for (let i = 0; i < v.length; i++) s[i % cells] += v[i]; return s; });
        view.totals = view.values.map((v) => Array.from({ length: M.frames }, (_, f) => { let s = 0; for (let i = 0; i < cells; i++) s += v[f * cells + i]; return s * view.quantum; }));
        const most = (list) => list.reduce((m, v) => { for (let i = 0; i < v.length; i++) if (v[i] > m) m = v[i]; return m; }, 0);
        const apart = (list) => others().reduce((m, p) => { const b = list[D.baseline], v = list[p]; for (let i = 0; i < v.length; i++) m = Math.max(m, Math.abs(v[i] - b[i])); return m; }, 0);
        view.most = most(view.values) || 1;
        view.mostWeek = most(view.sums) || 1;
        view.mostDiff = apart(view.values);
        view.mostDiffWeek = apart(view.sums);
    };
    view.current = current;
    return view;
}

/* Colours of 0 .. 255, and of nothing at all. */
function sequential() {
    const list = isDark() ? VIRIDIS : PAPER;
    return Array.from({ length: 256 }, (_, i) => rampColour(list, i / 255));
}
function diverging() {
    const list = [rgb(css("--minus")), rgb(css("--zero")), rgb(css("--plus"))];
    return Array.from({ length: 256 }, (_, i) => rampColour(list, i / 255));
}

/* South is below: row 0 of the data is drawn last. */
function paint(canvas, index, colours, empty) {
    const M = R.data.maps, image = new ImageData(M.columns, M.rows);
    for (let y = 0; y < M.rows; y++)
        for (let x = 0; x < M.columns; x++) {
            const k = index[y * M.columns + x], c = k < 0 ? empty : colours[k], at = ((M.rows - 1 - y) * M.columns + x) * 4;
            image.data[at] = c[0];
            image.data[at + 1] = c[1];
            image.data[at + 2] = c[2];
            image.data[at + 3] = 255;
        }
    canvas.width = M.columns;
    canvas.height = M.rows;
    canvas.getContext("2d").putImageData(image, 0, 0);
}
function markCell(canvas, cell) {
    if (cell < 0) return;
    const M = R.data.maps, c = canvas.getContext("2d");
    c.fillStyle = css("--ink");
    const x = cell % M.columns, y = M.rows - 1 - Math.floor(cell / M.columns);
    for (const [dx, dy] of [[-1, 0], [1, 0], [0, -1], [0, 1]]) c.fillRect(x + dx, y + dy, 1, 1);
}

function ramp(colours, labels) {
    const canvas = el("canvas", { width: 256, height: 1, "aria-hidden": "true" }), c = canvas.getContext("2d");
    colours.forEach((k, i) => { c.fillStyle = `rgb(${k.map(Math.round).join(",")})`; c.fillRect(i, 0, 1, 1); });
    return el("div", { class: "ramp" }, el("span", null, labels[0]), canvas, el("span", null, labels[1]), labels[2] ? el("span", null, labels[2]) : null);
}

function totalsChart(box, view, width, apart, pick) {
    const D = R.data, M = D.maps, shown = apart ? others() : everyone(), x = Array.from({ length: M.frames }, (_, f) => f * M.hours);
    const axis = { stroke: css("--soft"), grid: { stroke: css("--grid"), width: 1 }, ticks: { stroke: css("--grid"), width: 1 } };
    const chart = new uPlot({ width, height: 190, scales: { x: { time: false } }, cursor: { drag: { x: false, y: false } },
        series: [{ label: "hour", value: (u, v) => (v === null ? "\u2013" : frameName(Math.round(v / M.hours))) },
            ...shown.map((p) => ({ label: D.policies[p], stroke: css(colourName(p)), width: 1.6, dash: DASHES[p % 8], points: { show: false }, value: (u, v) => number(v) }))],
        axes: [{ ...axis, splits: () => [0, 1, 2, 3, 4, 5, 6].map((d) => d * 24), values: (u, v) => v.map((h) => DAYS[h / 24].slice(0, 3)) },
            upAxis(axis)] }, [x, ...shown.map((p) => view.totals[p].map((v, f) => (apart ? v - view.totals[D.baseline][f] : v)))], box);
    chart.over.addEventListener("click", () => { if (chart.cursor.idx !== null && chart.cursor.idx !== undefined) pick(chart.cursor.idx); });
    return chart;
}

/* The canvases, and what redraws them. */
function mapPanels(view, onCell) {
    const D = R.data, M = D.maps;
    const frame = (p, text) => {
        const canvas = el("canvas", { tabindex: 0, role: "img", "data-policy": p });
        const locate = (e) => {
            const box = canvas.getBoundingClientRect();
            const x = Math.floor(((e.clientX - box.left) / box.width) * M.columns), y = M.rows - 1 - Math.floor(((e.clientY - box.top) / box.height) * M.rows);
            if (x >= 0 && x < M.columns && y >= 0 && y < M.rows) onCell(y * M.columns + x);
        };
        canvas.addEventListener("pointermove", locate);
        canvas.addEventListener("pointerdown", locate);
        canvas.addEventListener("keydown", (e) => {
            const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
            if (!step) return;
            e.preventDefault();
            const at = view.cell < 0 ? Math.floor(M.rows / 2) * M.columns + Math.floor(M.columns / 2) : view.cell;
            const x = Math.min(M.columns - 1, Math.max(0, (at % M.columns) + step[0])), y = Math.min(M.rows - 1, Math.max(0, Math.floor(at / M.columns) + step[1]));
            onCell(y * M.columns + x);
        });
        return { p, canvas, figure: el("figure", null, el("figcaption", null, text), canvas) };
    };
    return { own: everyone().map((p) => frame(p, named(p))), apart: others().map((p) => frame(p, [named(p), ` \u2212 ${D.policies[D.baseline]}`])) };
}

function drawMaps(view, panels, ramps) {
    const D = R.data, layer = D.maps.layers[view.layer], own = sequential(), apart = diverging(), empty = rgb(css("--empty"));
    const values = everyone().map(view.current), most = view.week ? view.mostWeek : view.most, mostDiff = view.week ? view.mostDiffWeek : view.mostDiff;
    const shape = SHAPES[view.shape], unit = layer.unit ? ` ${layer.unit}` : "";
    panels.own.forEach(({ p, canvas }) => {
        paint(canvas, Array.from(values[p], (v) => (v > 0 ? Math.round(255 * shape(v / most)) : -1)), own, empty);
        markCell(canvas, view.cell);
    });
    panels.apart.forEach(({ p, canvas }) => {
        const base = values[D.baseline];
        paint(canvas, Array.from(values[p], (v, i) => {
            const d = v - base[i];
            return d === 0 || !mostDiff ? -1 : Math.round(127.5 + 127.5 * Math.sign(d) * shape(Math.abs(d) / mostDiff));
        }), apart, empty);
        markCell(canvas, view.cell);
    });
    const middle = UNSHAPES[view.shape](0.5) * most * view.quantum;
    ramps.own.replaceChildren(ramp(own, ["0", `${number(most * view.quantum)}${unit}`, `middle of the scale: ${number(middle)}`]));
    ramps.apart.replaceChildren(mostDiff ? ramp(apart, [`\u2212${number(mostDiff * view.quantum)}`, `+${number(mostDiff * view.quantum)}${unit}`]) : el("p", { class: "note" }, "No difference anywhere."));
    const when = view.week ? "whole week" : frameName(view.frame);
    panels.own.concat(panels.apart).forEach(({ p, canvas }) => canvas.setAttribute("aria-label", `Map of ${layer.doc}, ${D.policies[p]}, ${when}; arrow keys move the cross`));
}

function cellWords(view) {
    const D = R.data, M = D.maps;
    if (view.cell < 0) return "Point at a map, or move the cross with the arrow keys, to read values.";
    const x = (view.cell % M.columns) * M.metres, y = Math.floor(view.cell / M.columns) * M.metres, unit = M.layers[view.layer].unit;
    return `${fixed(x, 0)} m east, ${fixed(y, 0)} m north: ` + everyone().map((p) => `${D.policies[p]} ${number(view.current(p)[view.cell] * view.quantum)}`).join(", ") + (unit ? ` ${unit}` : "");
}

function busiest(view) {
    const D = R.data, M = D.maps, values = everyone().map(view.current);
    const list = Array.from(values[D.baseline].keys()).map((i) => [Math.max(...values.map((v) => v[i])), i]).sort((a, b) => b[0] - a[0]).slice(0, 20).filter((c) => c[0] > 0);
    return tableBehind(`the busiest places, ${view.week ? "whole week" : frameName(view.frame)}; mean per run${M.layers[view.layer].unit ? `, ${M.layers[view.layer].unit}` : ""}`, ["east, m", "north, m", ...everyone().map((p) => named(p))],
        list.map(([, i]) => [fixed((i % M.columns) * M.metres, 0), fixed(Math.floor(i / M.columns) * M.metres, 0), ...values.map((v) => number(v[i] * view.quantum))]));
}

/* Side by side; a long and narrow town takes the width, and a single map not the whole page. */
function mapGrid(panels) {
    const wide = R.data.maps.columns / R.data.maps.rows, grid = el("div", { class: "maps" }, panels.map((p) => p.figure));
    grid.style.gridTemplateColumns = `repeat(auto-fit, minmax(min(${wide > 2.5 ? 100 : 47}%, ${Math.round(215 * Math.max(1, 0.6 * wide))}px), 1fr))`;
    for (const p of panels) p.figure.style.maxWidth = wide > 1.6 ? "none" : `${Math.round(620 * Math.sqrt(wide))}px`;
    return grid;
}

function mapSection() {
    const D = R.data, M = D.maps;
    if (!M || !M.layers.length) return null;
    const view = mapView(), order = M.layers.map((l, i) => i).sort((a, b) => Object.keys(TITLES).indexOf(M.layers[a].name) - Object.keys(TITLES).indexOf(M.layers[b].name));
    view.layer = order[0];
    const ramps = { own: el("div", null), apart: el("div", null) }, readout = el("p", { class: "readout", "aria-live": "polite" }), behind = el("div", null), totals = el("div", { class: "chart" }), about = el("p", { class: "note" });
    const panels = mapPanels(view, (cell) => { view.cell = cell; draw(); });
    const slider = el("input", { type: "range", id: "map-time", min: 0, max: M.frames - 1, value: 0, step: 1, "aria-label": "Hour of the week" });
    const when = el("output", { id: "map-when", for: "map-time" }), play = el("button", { type: "button", id: "map-play", "aria-pressed": "false" }, "Play"), week = el("input", { type: "checkbox", id: "map-week", checked: true });
    const buttons = order.map((i) => el("button", { type: "button", "data-layer": i, "aria-pressed": i === view.layer ? "true" : "false", onclick: () => choose(i) }, TITLES[M.layers[i].name] || M.layers[i].name));
    const shape = el("select", { id: "map-shape" }, Object.keys(SHAPES).map((name) => el("option", { value: name }, name)));
    let waiting = 0;
    const draw = () => {
        drawMaps(view, panels, ramps);
        when.textContent = view.week ? "all hours together" : frameName(view.frame);
        slider.setAttribute("aria-valuetext", when.textContent);
        readout.textContent = cellWords(view);
        clearTimeout(waiting); /* the table follows once the hand rests */
        waiting = setTimeout(() => { if (!view.timer) behind.replaceChildren(busiest(view)); }, 120);
    };
    const stop = () => { clearInterval(view.timer); view.timer = 0; play.textContent = "Play"; play.setAttribute("aria-pressed", "false"); };
    const goTo = (frame) => { view.frame = frame; view.week = false; week.checked = false; slider.value = frame; draw(); };
    const apart = el("input", { type: "checkbox", id: "map-apart" });
    const drawTotals = () => {
        totals.replaceChildren();
        if (M.frames > 1) totalsChart(totals, view, room(), apart.checked, (f) => { stop(); goTo(f); });
    };
    apart.addEventListener("change", drawTotals);
    const choose = (i) => {
        view.layer = i;
        buttons.forEach((b) => b.setAttribute("aria-pressed", Number(b.dataset.layer) === i ? "true" : "false"));
        view.load();
        about.textContent = `${M.layers[i].doc}; mean of a run${M.layers[i].unit ? `, ${M.layers[i].unit}` : ""}.`;
        drawTotals();
        draw();
    };
    slider.addEventListener("input", () => { stop(); goTo(Number(slider.value)); });
    week.addEventListener("change", () => { stop(); view.week = week.checked; draw(); });
    shape.addEventListener("change", () => { view.shape = shape.value; draw(); });
    play.addEventListener("click", () => {
        if (view.timer) { stop(); draw(); return; }
        play.textContent = "Pause";
        play.setAttribute("aria-pressed", "true");
        view.timer = setInterval(() => goTo((view.frame + 1) % M.frames), 300);
    });
    R.later.push(() => choose(view.layer));
    R.leave.push(stop);
    const coarse = M.block > 1 || M.hours > 1 ? el("p", { class: "note" }, `To keep this page small, maps show ${M.hours > 1 ? `${M.hours} hours at once` : "each hour"}${M.block > 1 ? ` and ${M.block} \u00d7 ${M.block} nodes as one` : ""}; the results file has them in full.`) : null;
    return section("maps", "Where and when", "Maps",
        el("div", { class: "controls" }, el("div", { role: "group", "aria-label": "Map" }, buttons.flatMap((b) => [b, " "])), el("label", null, "colours", shape)),
        M.frames > 1 ? el("div", { class: "controls" }, play, slider, when, el("label", null, week, "whole week")) : null, about,
        mapGrid(panels.own), ramps.own,
        others().length ? [el("h3", null, "What each policy changes"), mapGrid(panels.apart), ramps.apart] : null,
        readout, M.frames > 1 ? [el("h3", null, "The whole town by hour of the week"), others().length ? el("div", { class: "controls" }, el("label", null, apart, `less \u2018${D.policies[D.baseline]}\u2019`)) : null, totals] : null, behind, coarse);
}

/* SPDX-License-Identifier: MIT
 * Who paid commission to whom: a matrix of retailers, payers down, payees across. Of many, the largest have a row and a column each,
 * the rest share one, so the whole adds up. */

const FLOWS_SHOWN = 20;

/* flow[payer][payee] under a policy at the point in hand; null if the file is older than the pairs. */
function pairFlows(p) {
    const a = R.data.pairs && R.data.pairs.commission_between, G = R.data.retailers;
    if (!a || !G || !G.retailer) return null;
    const n = G.retailer.values.length, policies = R.data.policies.length;
    if (a.size.length < 3 || a.size[a.size.length - 1] !== n || a.size[a.size.length - 2] !== n) return null;
    const start = ((a.size.length === 4 ? R.point : 0) * policies + p) * n * n;
    return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, k) => a.values[start + i * n + k] || 0));
}

/* The largest of those who paid or received, by both together, and the others as one: names, members, and what flows between. */
function largestFlows(flow, names) {
    const n = flow.length, sizes = flow.map((row, i) => row.reduce((s, v, k) => s + Math.abs(v) + Math.abs(flow[k][i]), 0));
    const busy = sizes.map((_, i) => i).filter((i) => sizes[i] > 0).sort((a, b) => sizes[b] - sizes[a] || a - b);
    const groups = busy.length <= FLOWS_SHOWN + 1 ? busy.map((i) => [i]) : [...busy.slice(0, FLOWS_SHOWN).map((i) => [i]), busy.slice(FLOWS_SHOWN)];
    const between = groups.map((a) => groups.map((b) => a.reduce((s, i) => s + b.reduce((t, k) => t + flow[i][k], 0), 0)));
    return { n, groups, between, label: groups.map((g) => (g.length > 1 ? `${g.length} others` : names[g[0]])) };
}

const flowColour = (colours, v, most) => `rgb(${colours[Math.round(255 * Math.sqrt(Math.min(1, Math.max(0, v) / most)))].map(Math.round).join(",")})`;

/* One cell, in words. */
function flowWords(F, cell) {
    if (cell < 0) return "Point at a cell, or move the frame with the arrow keys, to read values.";
    const n = F.groups.length, i = Math.floor(cell / n), k = cell % n;
    if (i === k && F.groups[i].length === 1) return `${F.label[i]} pays itself nothing.`;
    if (i === k) return `Among the ${F.label[i]}: ${money(F.between[i][i])} EUR.`;
    return `${F.label[i]} paid ${F.label[k]} ${money(F.between[i][k])} EUR, and received ${money(F.between[k][i])} EUR from there.`;
}

/* The matrix; `tell` is called with the cell that is pointed at. */
function flowMatrix(F, p, width, tell) {
    const n = F.groups.length, left = Math.min(190, width * 0.4), size = Math.max(8, Math.min(30, (width - left - 8) / n)), top = 40, colours = sequential();
    const single = F.between.flatMap((row, i) => row.filter((_, k) => F.groups[i].length === 1 && F.groups[k].length === 1)); /* sums of many would pale all others */
    const most = Math.max(...single, 1e-9), more = Math.max(...F.between.flat()) > most ? " or more" : "", g = [svgEl("text", { x: left, y: 12, class: "soft" }, "received by \u2192"), svgEl("text", { x: left - 8, y: top - 6, "text-anchor": "end", class: "soft" }, "paid by \u2193")];
    const letters = Math.max(4, Math.floor((left - 30) / 7)), edge = (colour, by) => svgEl("rect", { x: by, y: by, width: size - 2 * by, height: size - 2 * by, fill: "none", stroke: colour, "stroke-width": 2 });
    const frame = svgEl("g", { visibility: "hidden" }, [edge("var(--ink)", -1), edge("var(--card)", 1)]);
    let cell = -1;
    for (let i = 0; i < n; i++) {
        const y = top + i * size, name = F.label[i].length > letters ? F.label[i].slice(0, letters - 1) + "\u2026" : F.label[i];
        g.push(svgEl("text", { x: left - 30, y: y + size / 2 + 4, "text-anchor": "end" }, name), svgEl("text", { x: left - 6, y: y + size / 2 + 4, "text-anchor": "end", class: "soft" }, String(i + 1)));
        if (size >= 16 || i % 2 === 0) g.push(svgEl("text", { x: left + (i + 0.5) * size, y: top - 6, "text-anchor": "middle", class: "soft" }, String(i + 1)));
        for (let k = 0; k < n; k++) {
            const v = F.between[i][k], x = left + k * size;
            g.push(svgEl("rect", { x, y, width: size - 1, height: size - 1, fill: v > 0 ? flowColour(colours, v, most) : "var(--empty)", "data-cell": i * n + k }));
            if (i === k && F.groups[i].length === 1) g.push(svgEl("line", { x1: x + 3, y1: y + size - 4, x2: x + size - 4, y2: y + 3, class: "axis" }));
        }
    }
    const wide = Math.max(left + 90, left + n * size + 4), height = top + n * size + 4;
    const svg = svgEl("svg", { width: wide, height, viewBox: `0 0 ${wide} ${height}`, role: "img", tabindex: 0, id: "flows", "aria-label": `Who paid commission to whom under ${R.data.policies[p]}; arrow keys move the frame, the numbers are in the table below` }, [...g, frame]);
    const go = (to) => {
        cell = to;
        frame.setAttribute("transform", `translate(${left + (to % n) * size - 0.5} ${top + Math.floor(to / n) * size - 0.5})`);
        frame.setAttribute("visibility", "visible");
        tell(to);
    };
    const locate = (e) => { if (e.target.dataset && e.target.dataset.cell !== undefined) go(Number(e.target.dataset.cell)); };
    svg.addEventListener("pointermove", locate);
    svg.addEventListener("pointerdown", locate);
    svg.addEventListener("keydown", (e) => {
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
        if (!step) return;
        e.preventDefault();
        const x = cell < 0 ? 0 : Math.min(n - 1, Math.max(0, (cell % n) + step[0])), y = cell < 0 ? 0 : Math.min(n - 1, Math.max(0, Math.floor(cell / n) + step[1]));
        go(y * n + x);
    });
    return [svg, ramp(colours, ["0", `${money(most)} EUR${more}`, `middle of the scale: ${money(most / 4)} EUR`])];
}

/* All that flowed from one to another, largest first. */
function flowTable(flow, names) {
    const list = flow.flatMap((row, i) => row.map((v, k) => ({ i, k, v }))).filter((f) => f.v !== 0).sort((a, b) => b.v - a.v || a.i - b.i || a.k - b.k);
    return tableBehind("who paid whom; mean per run, less reversals", ["paid by", "received by", "EUR", "the other way, EUR"], list.map((f) => [names[f.i], names[f.k], money(f.v), money(flow[f.k][f.i])]));
}

/* Chart, what a cell says, and the table; nothing when nothing flowed. */
function flows(p, names, width) {
    const flow = pairFlows(p);
    if (!flow || !flow.some((row) => row.some((v) => v !== 0))) return [];
    const F = largestFlows(flow, names), readout = el("p", { class: "readout", "aria-live": "polite" }, flowWords(F, -1));
    return [el("h3", null, "Who paid whom"), ...flowMatrix(F, p, width, (cell) => { readout.textContent = flowWords(F, cell); }), readout, flowTable(flow, names)];
}

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Opens a report in a real browser, from file://, and looks at it.   browser.py PAGE.html RESULTS.h5 FOLDER SECTION,SECTION,...
Prints "ok NAME" or "FAIL NAME: why" per check and leaves screenshots in FOLDER. Needs chromedriver, h5py, nothing else."""
import base64, json, os, re, subprocess, sys, urllib.request
import warnings
import h5py
import numpy

warnings.simplefilter("ignore", RuntimeWarning)  # means of what is undefined


class Browser:
    """As much of the WebDriver protocol as this needs."""

    def __init__(self, log):
        self.log = open(log, "w+")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = ""
        while "started successfully on port" not in line:
            line = self.driver.stdout.readline()
            if not line:
                raise RuntimeError("chromedriver did not start")
        self.url = "http://127.0.0.1:" + re.search(r"port (\d+)", line).group(1)
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"]}
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
                                  "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}
        self.session = ""
        self.session = "/session/" + self.call("/session", {"capabilities": wanted})["sessionId"]

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + self.session + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def cdp(self, command, **params):
        return self.call("/goog/cdp/execute", {"cmd": command, "params": params})

    def js(self, script, *args):
        return self.call("/execute/sync", {"script": script, "args": list(args)})

    def logs(self, kind):
        return self.call("/se/log", {"type": kind})

    def wait(self, script, seconds=60):
        return self.call("/execute/async", {"args": [], "script": """
            const done = arguments[0], until = Date.now() + %d;
            (function ask() { if ((() => { %s })()) done(true); else if (Date.now() > until) done(false); else setTimeout(ask, 50); })();"""
            % (1000 * seconds, script)})

    def open(self, page):
        self.call("/timeouts", {"script": 120000, "pageLoad": 120000})
        self.call("/url", {"url": "file://" + os.path.abspath(page)})
        return self.wait("return document.documentElement.dataset.ready === 'yes'")

    def look(self, width, height, scheme=None):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        if scheme:
            self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.wait("return false", 0.8)

    def shoot(self, path):
        shot = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))

    def press(self, *keys):
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("/actions", {"actions": [{"type": "key", "id": "keys", "actions": steps}]})

    def close(self):
        try:
            self.call("", None) if not self.session else urllib.request.urlopen(
                urllib.request.Request(self.url + self.session, method="DELETE"), timeout=30).read()
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=30)
            self.log.close()


LEFT, RIGHT, UP, TAB, SPACE = "\ue012", "\ue014", "\ue013", "\ue004", " "
failed = 0


def check(name, good, why=""):
    global failed
    print("ok " + name if good else "FAIL %s: %s" % (name, why))
    failed += not good


def check_quiet(b, page):
    """One request, for the page itself, and not a word on the console."""
    complaints = [e for e in b.logs("browser") if e["level"] in ("SEVERE", "WARNING")]
    check("report: no console error", not complaints, complaints[:3])
    messages = [json.loads(e["message"])["message"] for e in b.logs("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    asked = [u for u in asked if not u.startswith(("data:", "blob:", "chrome"))]
    check("report: exactly one request", asked == ["file://" + os.path.abspath(page)], asked)
    check("report: under 5 MB", os.path.getsize(page) < 5e6, os.path.getsize(page))


def check_numbers(b, results):
    """What the table shows is what the file holds."""
    with h5py.File(results) as f:
        baseline = f["kpi"].attrs["baseline"]
        names = list(f["kpi/policy"].asstr()[...])
        point = 0 if "point" in f["kpi"] else None
        cells = b.js("return [...document.querySelectorAll('#kpi-table td[data-kpi]')].map(c => [c.dataset.kpi, +c.dataset.policy, c.dataset.value])")
        wrong, n = [], 0
        for kpi, policy, shown in cells:
            values = f["kpi"][kpi][...] if point is None else f["kpi"][kpi][point]
            own, base = values[policy], values[names.index(baseline)]
            value = numpy.nanmean(own) if names[policy] == baseline else numpy.nanmean(own - base)
            n += 1
            if shown == "" or abs(float(shown) - value) > 1e-9 * max(1, abs(value), numpy.nanmax(abs(base))):
                wrong += [(kpi, policy, shown, value)] if shown != "" or not numpy.isnan(value) else []
        check("report: %d numbers of the table equal the file's" % n, n > 50 and not wrong, wrong[:3])
        if "comparison" in f and point is None:
            metric = list(f["comparison/metric"].asstr()[...]).index("retail_profit")
            contrast = list(f["comparison/contrast"].asstr()[...])
            shown = b.js("return [...document.querySelectorAll('#kpi-table td[data-kpi=retail_profit]')].map(c => [+c.dataset.policy, +c.dataset.value])")
            good = all(abs(v - f["comparison/estimate"][contrast.index(names[p]), metric]) < 1e-6 for p, v in shown if names[p] != baseline)
            check("report: profit is that of /comparison", good and len(shown) == len(names), shown)
        return f["fields/walkers"][...].astype(float) if "fields/walkers" in f and f["fields/walkers"].ndim == 4 else None


def check_table(b):
    """Sorting by its heads, with the mouse and with the keyboard; finding; showing all."""
    def column(i, key="sort"):
        return b.js("return [...document.querySelectorAll('#kpi-table tbody tr')].map(r => r.cells[arguments[0]].dataset[arguments[1]])", i, key)
    b.js("document.querySelectorAll('#kpi-table thead button')[0].click()")
    names = column(0)
    check("report: table sorts by name", names == sorted(names), names[:4])
    b.js("document.querySelectorAll('#kpi-table thead button')[3].focus()")
    b.press(SPACE)
    up = [float(x) for x in column(3) if x != ""]
    b.press(SPACE)
    down = [float(x) for x in column(3) if x != ""]
    sort = b.js("return document.querySelectorAll('#kpi-table thead th')[3].getAttribute('aria-sort')")
    check("report: table sorts by the keyboard, in both directions", up == sorted(up) and down == sorted(up, reverse=True) and sort == "descending", (up[:4], sort))
    few = b.js("return [...document.querySelectorAll('#kpi-table tbody tr')].filter(r => !r.hidden).length")
    b.js("document.getElementById('kpi-all').click()")
    many = b.js("return [...document.querySelectorAll('#kpi-table tbody tr')].filter(r => !r.hidden).length")
    b.js("document.getElementById('kpi-all').click(); const f = document.getElementById('kpi-find'); f.value = 'delivery_time'; f.dispatchEvent(new Event('input'))")
    found = b.js("const n = [...document.querySelectorAll('#kpi-table tbody tr')].filter(r => !r.hidden).length; const f = document.getElementById('kpi-find'); f.value = ''; f.dispatchEvent(new Event('input')); return n")
    check("report: all figures, and a search", many > few > 5 and 0 < found < few, (few, many, found))


def check_maps(b, walkers):
    """Slider and play by keyboard and mouse; the cross reads the file's value."""
    picture = "return document.querySelector('#maps .maps canvas').toDataURL()"
    week = b.js(picture)
    b.js("document.getElementById('map-time').focus()")
    b.press(*[RIGHT] * 14)
    check("report: the slider moves by the keyboard", b.js("return document.getElementById('map-when').textContent") == "Monday 14:00\u201315:00",
          b.js("return document.getElementById('map-when').textContent"))
    hour = b.js(picture)
    check("report: and the map with it", hour != week)
    b.js("document.getElementById('map-play').focus()")
    b.press(SPACE)
    b.wait("return false", 1.5)
    b.press(SPACE)
    at = b.js("return +document.getElementById('map-time').value")
    b.wait("return false", 0.7)
    check("report: play plays, and pauses", at > 14 and at == b.js("return +document.getElementById('map-time').value"), at)
    if walkers is not None:
        policy, frame, y, x = 1, 82, walkers.shape[2] // 2, walkers.shape[3] // 2
        b.js("const s = document.getElementById('map-time'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))", frame)
        b.js("document.querySelectorAll('#maps canvas')[0].focus()")
        b.press(RIGHT, LEFT)
        x, y = int(walkers.shape[3] // 2), int(walkers.shape[2] // 2)
        words = b.js("return document.querySelector('#maps .readout').textContent")
        n = b.js("return R.data.replications")
        wanted = walkers[:, frame, y, x] / n
        read = b.js("const M = R.data.maps, l = M.layers.findIndex(a => a.name === 'walkers'); return mapValues(l, 0).map(v => v[arguments[0] * M.rows * M.columns + arguments[1] * M.columns + arguments[2]] * M.layers[l].quantum)", frame, y, x)
        check("report: a cell of the map is the file's", numpy.allclose(read, wanted, rtol=1e-4), (read, wanted.tolist(), words))
        total = b.js("const M = R.data.maps, l = M.layers.findIndex(a => a.name === 'walkers'); return mapValues(l, 0).map(v => v.reduce((a, x) => a + x, 0) * M.layers[l].quantum)")
        check("report: and so is the whole map", numpy.allclose(total, walkers.sum(axis=(1, 2, 3)) / n, rtol=1e-4), total)
        check("report: the cross reads in words", "m east" in words and "m north" in words, words)
    b.js("const w = document.getElementById('map-week'); if (!w.checked) w.click()")


def check_flows(b, results):
    """Who paid whom: what the page has is the file's, and what each paid; the frame moves by the keyboard, and reads."""
    with h5py.File(results) as f:
        if "pairs/commission_between" not in f or "point" in f["kpi"] or not b.js("return !!document.getElementById('flows')"):
            return
        between, paid = f["pairs/commission_between"][...], f["retailers/commission_paid_by"][...]
        received = f["retailers/commission_received_by"][...]
        names = list(f["retailers/name"].asstr()[...])
    p = int(b.js("return +document.getElementById('commission-pick').value"))
    page = b.js("return R.data.policies.map((_, p) => pairFlows(p))")
    check("report: who paid whom is the file's", numpy.allclose(page, between, rtol=1e-6, atol=1e-6))
    check("report: and adds up to what each paid and received", numpy.allclose(between.sum(axis=2), paid, rtol=1e-6, atol=1e-3) and numpy.allclose(between.sum(axis=1), received, rtol=1e-6, atol=1e-3))
    order = numpy.argsort(-(between[p].sum(axis=0) + between[p].sum(axis=1)), kind="stable")
    whole = b.js("return largestFlows(pairFlows(arguments[0]), R.data.retailers.retailer.values.map(String)).between.flat().reduce((s, v) => s + v, 0)", p)
    check("report: the matrix leaves nothing out", numpy.isclose(whole, between[p].sum(), rtol=1e-6), (whole, between[p].sum()))
    b.js("document.getElementById('flows').focus()")
    b.press(RIGHT, RIGHT)
    words = b.js("return document.querySelector('#commission .readout').textContent")
    check("report: the frame moves by the keyboard, and reads", words.startswith("%s paid %s " % (names[order[0]], names[order[1]])), words)


def check_layout(b, width):
    wide = b.js("return document.documentElement.scrollWidth")
    check("report: nothing sticks out at %d pixels" % width, wide <= width, wide)


def main():
    page, results, folder = sys.argv[1:4]  # and the sections that are wanted
    os.makedirs(folder, exist_ok=True)
    stem = os.path.join(folder, os.path.basename(page).rsplit(".", 1)[0])
    b = Browser(stem + "-driver.log")
    try:
        check("report: ready", b.open(page), b.logs("browser"))
        check_quiet(b, page)
        b.press(TAB)
        check("report: the first stop of the keyboard skips to the answer", b.js("return document.activeElement.className") == "skip")
        sections = b.js("return [...document.querySelectorAll('main section')].map(s => s.id)")
        wanted = sys.argv[4].split(",")
        check("report: all sections", sections == wanted, sections)
        b.wait("return document.querySelector('#maps details table') || !document.getElementById('maps')", 20)
        behind = b.js("return [...document.querySelectorAll('.chart, svg[role=img], #maps')].filter(c => !c.closest('section, #answer-charts > div').querySelector('details table')).length")
        check("report: a table behind each chart", behind == 0, behind)
        walkers = check_numbers(b, results)
        check_table(b)
        check_maps(b, walkers)
        check_flows(b, results)
        for name, width, height, scheme in (("light", 1280, 900, "light"), ("dark", 1280, 900, "dark"), ("narrow", 390, 844, "light")):
            b.look(width, height, scheme)
            check_layout(b, width)
            b.shoot("%s-%s.png" % (stem, name))
        b.look(1280, 900, "light")
        pdf = b.cdp("Page.printToPDF", printBackground=True, preferCSSPageSize=False)
        with open(stem + ".pdf", "wb") as out:
            out.write(base64.b64decode(pdf["data"]))
        late = [e for e in b.logs("browser") if e["level"] in ("SEVERE", "WARNING")]
        check("report: still no console error after all this", not late, late[:3])
    finally:
        b.close()
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

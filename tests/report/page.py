#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What can be said of a report without a browser.   page.py PAGE.html < `chaland compare FILE --all --json`
Prints what is wrong, one line each; nothing if all is well."""
import base64, gzip, hashlib, json, re, sys

text = open(sys.argv[1], encoding="utf-8", newline="").read()
policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
styles = re.findall(r"<style>(.*?)</style>", text, re.S)
if len(scripts) != 1 or len(styles) != 1:
    print("not one script and one style")
for kind, body in (("script-src", scripts[0]), ("style-src", styles[0])):
    digest = "'sha256-%s'" % base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    if "%s %s;" % (kind, digest) not in policy:
        print("the policy does not name the hash of", kind)
if not policy.startswith("default-src 'none';") or "unsafe" in policy or "http" in policy:
    print("a lax policy:", policy)
outside = re.sub(r"<script.*?</script>|<style>.*?</style>", "", text, flags=re.S)
for found in re.findall(r'(?:src|href|action)="([^"#]*)', outside):
    if found not in ("", "data:,"):
        print("refers to", found)
if re.search(r"\son[a-z]+=|\sstyle=|javascript:", outside) or "{{" in outside:
    print("an inline handler, an inline style or an unfilled hole")

packed = dict(re.findall(r'<script type="application/gzip" id="([a-z-]+)">(.*?)</script>', text, re.S))
data = json.loads(gzip.decompress(base64.b64decode(packed["data"])))
compared = json.load(sys.stdin)
kpis = {k["name"]: k for k in data["kpis"]}
n = 0
for name, differences in compared["difference"].items() if isinstance(compared["difference"], dict) else ():
    p = data["policies"].index(name)
    for kpi, interval in differences.items():
        if kpis[kpi].get("idle"):
            continue
        ours = kpis[kpi]["diff"][0][p]
        n += 1
        if [interval["mean"], interval["ci_low"], interval["ci_high"]] != ours[:3]:
            print(name, kpi, interval, ours)
if n < 50 and isinstance(compared["difference"], dict):
    print("only", n, "differences were compared")
if data["maps"]:
    m = data["maps"]
    size = len(gzip.decompress(base64.b64decode(packed["maps-data"])))
    wanted = 2 * m["frames"] * m["rows"] * m["columns"] * len(m["layers"]) * len(data["policies"]) * len(data["points"])
    if size != wanted:
        print("maps of", size, "bytes instead of", wanted)
    if any(layer["quantum"] <= 0 for layer in m["layers"]):
        print("a quantum of nothing")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the tests of the command line ask of JSON on standard input. Exit status 0: as it should be; else says what is not.

    checks.py keys K...               one object with schema_version and these keys
    checks.py error CODE              an error object with that code
    checks.py run BASELINE POLICY...  what `chaland run --json` promises
    checks.py compare BASELINE P...   what `chaland compare --json` promises
    checks.py width POLICY KPI        prints the width of an interval of a difference
    checks.py schema                  a draft-07 schema that holds together
    checks.py verbs FOLDER            FOLDER/list has lines "file, exit status, words"; each file is one object, schema_version first
    checks.py words                   prints every key of a schema, dotted
    checks.py template FILE           the keys of a YAML template are in the schema
"""
import json
import re
import sys


def fail(what):
    sys.exit(f"checks.py: {what}")


def need(thing, keys, where="object"):
    for key in keys:
        if key not in thing:
            fail(f"{where} has no '{key}'")


def one_object(text):
    if text.count("\n") != 1 or not text.endswith("\n"):
        fail("not one line")
    thing = json.loads(text, parse_constant=lambda name: fail(f"{name} is no JSON"))
    if thing.get("schema_version") != 1:
        fail("no schema_version 1")
    return thing


def intervals(kpis, where, least):
    if len(kpis) < least:
        fail(f"{where} holds {len(kpis)} KPIs")
    for name, kpi in kpis.items():
        need(kpi, ["mean", "ci_low", "ci_high", "n"], f"{where}.{name}")
        numbers = [kpi["ci_low"], kpi["mean"], kpi["ci_high"]]
        if None not in numbers and not numbers[0] <= numbers[1] + 1e-9 or None not in numbers and not numbers[1] <= numbers[2] + 1e-9:
            fail(f"{where}.{name}: {numbers} are not in order")


def check_run(thing, baseline, *others):
    need(thing, "scenario seed policies replications events wall_time_s events_per_s threads peak_rss_bytes fingerprint output kpi".split())
    if thing["policies"] != [baseline, *others] or thing["baseline"] != baseline:
        fail(f"policies {thing['policies']}, baseline {thing['baseline']}")
    if not re.fullmatch(r"[0-9a-f]{16}", thing["fingerprint"]) or not re.fullmatch(r"[0-9a-f]{64}", thing["results_sha256"]):
        fail("fingerprint or results_sha256 is no hex")
    for key in "events wall_time_s events_per_s threads peak_rss_bytes".split():
        if not thing[key] > 0:
            fail(f"{key} is {thing[key]}")
    if set(thing["kpi"]) != {baseline, *others}:
        fail("kpi has other policies")
    for policy, kpis in thing["kpi"].items():
        intervals(kpis, policy, 40)
        need(kpis, ["net_sales", "retail_profit", "unwanted_per_person_week", "incremental_sales", "money_imbalance"], policy)
        if kpis["money_imbalance"]["mean"] != 0 or kpis["reads_without_consent"]["mean"] != 0:
            fail(f"{policy}: money_imbalance or reads_without_consent is not 0")


def check_compare(thing, baseline, *others):
    need(thing, "scenario policies baseline replications confidence difference".split())
    if thing["baseline"] != baseline or set(thing["difference"]) != set(others):
        fail(f"baseline {thing['baseline']}, differences of {list(thing['difference'])}")
    for policy, kpis in thing["difference"].items():
        intervals(kpis, policy, 1)


def words(properties, prefix=""):
    for name, value in properties.items():
        yield prefix + name, value
        yield from words(value.get("properties", {}), prefix + name + ".")


def check_schema(schema):
    need(schema, ["$schema", "title", "type", "required", "properties", "definitions"])
    if "draft-07" not in schema["$schema"]:
        fail("not draft-07")
    need(schema["properties"], schema["required"], "properties")
    for name, value in words(schema["properties"]):
        if not value.get("description"):
            fail(f"{name} has no description")
        low, high, default = value.get("minimum"), value.get("maximum"), value.get("default")
        if low is not None and isinstance(default, (int, float)) and not low <= default <= high:
            fail(f"default {default} of {name} is not within {low} to {high}")
        if "enum" in value and default is not None and default not in value["enum"]:
            fail(f"default {default} of {name} is not among {value['enum']}")
        if "pattern" in value:
            re.compile(value["pattern"])
        if value.get("type") == "array" and isinstance(default, list) and not value.get("minItems", 0) <= len(default) <= value.get("maxItems", 99):
            fail(f"default of {name} has {len(default)} items")
    for reference in re.findall(r'"#/definitions/(\w+)"', json.dumps(schema)):
        need(schema["definitions"], [reference], "definitions")


def check_template(schema, path):
    """Nested keys by indentation; comments, lists and values are left out."""
    known = {name for name, _ in words(schema["properties"])}
    stack = []
    found = 0
    for line in open(path, encoding="utf-8"):
        match = re.match(r"( *)([a-z_0-9]+):", line)
        if not match:
            continue
        depth = len(match[1]) // 2
        stack = stack[:depth] + [match[2]]
        if ".".join(stack) not in known:
            fail(f"{path}: {'.'.join(stack)} is not in the schema")
        found += 1
    if found < 12:
        fail(f"{path}: only {found} keys")


def check_verbs(folder):
    for line in open(f"{folder}/list", encoding="utf-8"):
        file, status, label = line.rstrip("\n").split("\t")
        try:
            text = open(f"{folder}/{file}", encoding="utf-8").read()
            thing = json.loads(text, parse_constant=lambda name: fail(f"{name} is no JSON"))
            if list(thing)[0] != "schema_version" or thing["schema_version"] != 1 or not text.endswith("\n"):
                fail("schema_version is not first")
            if (int(status) == 2) != ("error" in thing or thing.get("valid") is False) or thing.get("error", {"code": int(status)})["code"] != int(status):
                fail(f"exit status {status}, and {text[:200]}")
            print(f"ok verbs: {label} --json")
        except (Exception, SystemExit) as error:
            print(f"FAIL verbs: {label} --json: {error}")


def main(what, *rest):
    if what == "verbs":
        return check_verbs(*rest)
    text = sys.stdin.read()
    if what == "keys":
        need(one_object(text), rest)
    elif what == "error":
        error = one_object(text).get("error", {})
        need(error, ["code", "message"], "error")
        if error["code"] != int(rest[0]) or not error["message"]:
            fail(f"error {error}")
    elif what == "run":
        check_run(one_object(text), *rest)
    elif what == "compare":
        check_compare(one_object(text), *rest)
    elif what == "width":
        kpi = one_object(text)["difference"][rest[0]][rest[1]]
        print(kpi["ci_high"] - kpi["ci_low"])
    elif what == "schema":
        check_schema(json.loads(text))
    elif what == "words":
        print("\n".join(name for name, _ in words(json.loads(text)["properties"])))
    elif what == "template":
        check_template(json.loads(text), rest[0])
    else:
        fail(f"unknown check '{what}'")


if __name__ == "__main__":
    main(*sys.argv[1:])

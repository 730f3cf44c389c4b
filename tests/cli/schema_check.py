#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""schema_check.py SCHEMA SCENARIO...: is the schema one, and do the scenarios obey it? Exit 1 and a line for each mistake."""
import json
import sys

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """As the YAML language server reads: dates and words such as `on` are text."""


Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(?:true|false)$"), list("tf"))

schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft7Validator.check_schema(schema)
mistakes = 0
for path in sys.argv[2:]:
    scenario = yaml.load(open(path, encoding="utf-8"), Loader=Core)
    for error in jsonschema.Draft7Validator(schema).iter_errors(scenario):
        print(f"{path}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
        mistakes += 1
sys.exit(mistakes > 0)

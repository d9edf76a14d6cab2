"""Validates dumped manifests against the schemas of Kubernetes; what a binding names must be there."""

import json
import sys

import kubernetes_validate
import yaml

VERSION = kubernetes_validate.latest_version()
seen, wrong = set(), 0
for line in open(sys.argv[1], encoding="utf-8"):
    project = json.loads(line)
    objects = []
    for text in project["files"].values():
        objects += list(yaml.safe_load_all(text))
    have = {(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]) for o in objects}
    for o in objects:
        key = json.dumps(o, sort_keys=True)
        if o["kind"] == "ValidatingAdmissionPolicyBinding":
            policy = ("ValidatingAdmissionPolicy", None, o["spec"]["policyName"])
            if policy not in have:
                wrong += 1
                print(f"kubernetes: {project['name']}: {policy} is not there")
        elif o["kind"].endswith("Binding"):
            role = (o["roleRef"]["kind"], o["metadata"].get("namespace"), o["roleRef"]["name"])
            if role not in have:
                wrong += 1
                print(f"kubernetes: {project['name']}: {role} is not there")
        if key in seen:
            continue
        seen.add(key)
        try:
            kubernetes_validate.validate(o, VERSION, strict=True)
        except Exception as error:  # any complaint is a failure
            wrong += 1
            print(f"kubernetes: {project['name']}: {o['kind']} {o['metadata']['name']}: {error}")
print(f"kubernetes: {len(seen)} objects validated against {VERSION}, {wrong} wrong")
sys.exit(1 if wrong or not seen else 0)

"""Lints dumped IAM documents with parliament; any finding of weight is a failure."""

import json
import sys

from parliament import analyze_policy_string

# Findings about how a policy is meant rather than whether it is right.
STYLE = {"RESOURCE_STAR", "SENSITIVE_ACCESS"}

seen, findings = set(), {}
for line in open(sys.argv[1], encoding="utf-8"):
    project = json.loads(line)
    for documents in project["documents"].values():
        for text in documents:
            if text in seen:
                continue
            seen.add(text)
            for finding in analyze_policy_string(text).findings:
                if finding.issue not in STYLE:
                    key = (finding.issue, str(finding.detail))
                    findings.setdefault(key, (project["name"], text))
for (issue, detail), (name, text) in sorted(findings.items())[:10]:
    print(f"iam: {name}: {issue}: {detail}\n{text}")
print(f"iam: {len(seen)} documents linted, {len(findings)} kinds of finding")
sys.exit(1 if findings or not seen else 0)

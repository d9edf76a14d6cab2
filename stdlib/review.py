#!/usr/bin/env python3
"""A reviewed catalog, out of a fresh import and a review.

    review.py IMPORTED.grant REVIEW > catalog/NAME.grant

IMPORTED is what `bailiwick import mcp --server NAME` wrote; REVIEW is `catalog/NAME.review`, in
which a person wrote down what the server does not say. A review opens with comments, which become
the head of the catalog, and then has sections: a list of tools in brackets (globs allowed), and
below it the lines that take the place of the imported facts.

    numbers int except weight       every imported `decimal` but these is a count or an id
    type url: url                   an argument of that name, in the section or (above it) anywhere

    [get_issue list_issues]
    effect read
    reads code.issue
    type state: open | closed

Every tool must stand in exactly one section and every section must name a tool: a server that
grows a tool cannot slip it into the catalog unreviewed. Descriptions are left out.
"""

import fnmatch
import re
import sys

FACTS = ("effect ", "reads ", "writes ", "touches ", "ingests ", "reaches ")


def read_review(text):
    head, whole, sections, lines = [], [], [], None
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            continue
        if line.startswith("["):
            names, lines = line.strip("[]").split(), []
            sections.append((names, lines))
        elif line.startswith("#") and lines is None:
            head.append(raw)
        elif line.startswith("#"):
            continue
        else:
            (whole if lines is None else lines).append(line)
    return head, whole, sections


def read_import(text):
    for block in re.split(r"\n(?=tool )", text)[1:]:
        lines = [line.strip() for line in block.strip().splitlines()]
        name = re.fullmatch(r"tool (\S+) \{", lines[0])[1]
        yield name, [l for l in lines[1:-1] if not l.startswith(('"', "#") + FACTS)]


def retyped(line, whole, own):
    found = re.fullmatch(r"arg ([\w-]+)(\??): (.*?)( = .*)?", line)
    if not found:
        return line
    name, mark, type_, default = found[1], found[2], found[3], found[4] or ""
    for rule in whole + own:
        if numbers := re.fullmatch(r"numbers int(?: except (.*))?", rule):
            if name not in (numbers[1] or "").split():
                type_ = type_.replace("decimal", "int")
        elif match := re.fullmatch(r"type ([\w-]+): (.*)", rule):
            type_ = match[2] if match[1] == name else type_
    return f"arg {name}{mark}: {type_}{default}"


def main(imported, review):
    head, whole, sections = read_review(open(review, encoding="utf-8").read())
    used, out = set(), head + ["", "use std/data"]
    for name, lines in read_import(open(imported, encoding="utf-8").read()):
        short = name.split(".", 1)[1]
        own = [i for i, (names, _) in enumerate(sections) if any(fnmatch.fnmatchcase(short, n) for n in names)]
        if len(own) != 1:
            sys.exit(f"{review}: {short} stands in {len(own)} sections")
        used.add(own[0])
        section = sections[own[0]][1]
        facts = [line for line in section if not line.startswith("type ")]
        args = [retyped(line, whole, section) for line in lines if line.startswith("arg ")]
        binds = [line for line in lines if line.startswith("bind ")]
        variants = [line for line in facts if line.startswith("variant ")]
        facts = [line for line in facts if not line.startswith("variant ")]
        out += ["", f"tool {name} {{"] + ["  " + line for line in args + facts + variants + binds] + ["}"]
    for index, (names, _) in enumerate(sections):
        if index not in used:
            sys.exit(f"{review}: no tool is named by {names}")
    print("\n".join(out))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""ast-grep: rules for one way of naming a library, and their matches."""

import json
import re
import subprocess

PLACEHOLDER = re.compile(r"\b(SRC|MOD|DATETIME|HTTPCLIENT)((?:\.[A-Za-z_]\w*)*)")


def instantiate(rules, places, target):
    """The rules that can be said in a module's own names, in order. `places`: placeholder -> Bindings.

    SRC is the old library however it was imported, MOD only where it was imported as a module, TGT the new one.
    """
    chosen = []
    for text in re.split(r"(?m)^---\s*$", rules):
        if not text.strip():
            continue
        ways = []
        for by_name in (True, False):
            said = say(text, places, target, by_name)
            if said is not None and said not in ways:
                ways.append(said)
        if len(ways) == 2:
            ways[1] = re.sub(r"(?m)^(id:\s*\S+)", r"\1-by-module", ways[1], count=1)
        chosen += ways
    return chosen


def say(text, places, target, by_name):
    """One rule in a module's own names, those imported from the library or the library's; None where it has none."""
    missing = []

    def local(match):
        bindings = places.get("SRC" if match[1] == "MOD" else match[1])
        module_only = match[1] == "MOD" or not by_name
        found = bindings.expression(match[2][1:], module_only) if bindings else None
        if found is None:
            missing.append(match[0])
        return found or match[0]

    said = PLACEHOLDER.sub(local, text)
    return None if missing else re.sub(r"\bTGT\b", target, said)


def matches(rules, paths):
    """All matches: dicts with file, start, end (bytes), text, rule (its place in `rules`) and imports."""
    if not rules or not paths:
        return []
    order = {}
    for place, text in enumerate(rules):
        order[re.search(r"(?m)^id:\s*(\S+)", text)[1]] = place
    command = ["ast-grep", "scan", "--json=compact", "--include-metadata", "--no-ignore", "hidden"]
    command += ["--inline-rules", "\n---\n".join(rules), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 1) or (done.returncode == 1 and not done.stdout.strip()):
        raise RuntimeError(done.stderr.decode(errors="replace"))
    found = []
    for item in json.loads(done.stdout or b"[]"):
        if "replacement" not in item:
            continue
        where = item.get("replacementOffsets") or item["range"]["byteOffset"]
        metadata = item.get("metadata") or {}
        found.append(
            {
                "file": item["file"],
                "start": where["start"],
                "end": where["end"],
                "text": item["replacement"],
                "rule": item["ruleId"],
                "order": order[item["ruleId"]],
                "imports": [line for line in metadata.get("imports", "").split("\n") if line],
            }
        )
    return found


def outermost(found):
    """A set of matches that do not overlap: earlier rules first, then earlier places."""
    taken = []
    for match in sorted(found, key=lambda m: (m["order"], m["start"], -m["end"])):
        if all(match["end"] <= other["start"] or match["start"] >= other["end"] for other in taken):
            taken.append(match)
    return sorted(taken, key=lambda m: m["start"])

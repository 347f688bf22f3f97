"""Pairs of libraries and the folders of their rules."""

import json
import re


class Pair:
    """One folder below rules/: `pair.json` and `rules.yml`."""

    def __init__(self, folder):
        self.name = folder.name
        facts = json.loads((folder / "pair.json").read_text(encoding="utf-8"))
        rules = folder / "rules.yml"
        self.rules = rules.read_text(encoding="utf-8") if rules.exists() else ""
        # import name of the old library, and of the new one (the same in an upgrade)
        self.source = facts["source"]
        self.target = facts["target"]
        # names imported from the old library -> full name in the new one
        self.names = facts.get("names", {})
        # an upgrade: names (below the library) that the new version does not have
        self.gone = facts.get("gone")
        # a module that only imports the old library for others keeps its name for it
        self.reexport = facts.get("reexport", False)
        # {"below": [3, 11], "module": "tomli"}: what to import where the target is too young
        self.fallback = facts.get("fallback")
        # {"replace": {old: new or null}, "bound": {name: version specifier}}: requirements
        self.requirement = facts.get("requirement", {})
        # texts of doctests: [pattern, replacement]
        self.doctest = [(re.compile(a), b) for a, b in facts.get("doctest", [])]

        # why rules cannot carry this pair; empty where they can
        self.refused = facts.get("refused", "")

    @property
    def upgrade(self):
        return self.gone is not None


def find_pairs(root, task):
    """The pairs of a task. Every source library that has rules to some target (an upgrade: to itself) is one."""
    folders = {folder.name.lower(): folder for folder in root.iterdir() if (folder / "pair.json").exists()}
    found = []
    for source in task["source"]:
        for target in task["target"]:
            if task["kind"] == "upgrade" and source["name"] != target["name"]:
                continue
            for name in names_of(source, target, task["kind"]):
                if name.lower() in folders:
                    found.append(Pair(folders[name.lower()]))
                    break
    return found


def names_of(source, target, kind):
    for a in [*source["importNames"], source["name"]]:
        for b in [*target["importNames"], target["name"]]:
            if kind == "upgrade":
                yield f"{a}@{major(source)}__{b}@{major(target)}"
            else:
                yield f"{a}__{b}"


def major(library):
    return (library["version"] or "0").split(".")[0]

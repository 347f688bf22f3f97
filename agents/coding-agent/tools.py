"""The tools that the model is offered, and how each is run."""

import re

from files import edit_file, read_file, search_files
from kit import docs
from running import run_command, run_tests

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def tool(name, description, required, /, **properties):
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"name": name, "description": description, "parameters": parameters}


SHELL = tool("shell", "Run a command line in the workspace. There is no network.", ["command"], command=TEXT, seconds={**NUMBER, "description": "Time limit; 120 where left out."})  # fmt: skip
READ = tool("read", "Lines of a file, with their numbers.", ["path"], path={**TEXT, "description": "From the workspace."}, first=NUMBER, last=NUMBER)  # fmt: skip
EDIT = tool("edit", "Replace a piece of a file. `old` must stand in it exactly once, blanks included; an empty `old` makes a new file.", ["path", "old", "new"], path=TEXT, old=TEXT, new=TEXT)  # fmt: skip
SEARCH = tool("search", "Lines of the workspace's files that match a regular expression of Python.", ["pattern"], pattern=TEXT, path={**TEXT, "description": "A file or folder to look in."})  # fmt: skip
TEST = tool("test", "Run tests. `helper`: those that must pass before and after the migration; `all`: the repository's own.", ["which"], which={**TEXT, "enum": ["helper", "all"]})  # fmt: skip
DOCS = tool("docs", "Documentation of a module, class or function as it is installed.", ["name"], name={**TEXT, "description": "Dotted, such as json.loads."})  # fmt: skip


class BadArguments(Exception):
    """What the model sent cannot be run."""


class Tools:
    """Runs calls in a workspace; `edits` counts what may have changed files."""

    def __init__(self, task):
        self.task = task
        self.edits = 0
        self.tested_at = -1
        has_python = task.environment is not None
        self.schemas = [SHELL, READ, EDIT, SEARCH] + ([TEST, DOCS] if has_python else [])

    def run(self, call):
        """Return the text that the model gets; raise BadArguments."""
        schema = next((one for one in self.schemas if one["name"] == call.name), None)
        if schema is None:
            raise BadArguments(f"there is no tool {call.name}; there are {', '.join(one['name'] for one in self.schemas)}")
        check(call, schema["parameters"])
        return getattr(self, f"_{call.name}")(**call.arguments)

    def _shell(self, command, seconds=120):
        self.edits += 1
        return run_command(command, self.task, min(max(1, seconds), 900))

    def _read(self, path, first=1, last=None):
        return read_file(self.task.workspace, path, first, last)

    def _edit(self, path, old, new):
        said, changed = edit_file(self.task.workspace, path, old, new)
        self.edits += changed
        return said

    def _search(self, pattern, path="."):
        try:
            return search_files(self.task.workspace, re.compile(pattern), path)
        except re.error as error:
            return f"error: no regular expression: {error}"

    def _test(self, which):
        return self.test(which)[1]

    def test(self, which):
        """(whether all passed, what the model gets)"""
        passed, said = run_tests(self.task, which)
        self.tested_at = self.edits
        return passed, said

    def _docs(self, name):
        return docs.entry(self.task.environment["python"], name)


KINDS = {"string": str, "integer": int}


def check(call, parameters):
    """Raise BadArguments, saying what is wrong, where arguments do not fit the tool."""
    if call.arguments is None:
        raise BadArguments(f"the arguments of {call.name} are no JSON object: {call.raw[:200]}")
    known = parameters["properties"]
    missing = [name for name in parameters["required"] if name not in call.arguments]
    if missing:
        raise BadArguments(f"{call.name} needs {', '.join(missing)}")
    for name, value in call.arguments.items():
        if name not in known:
            raise BadArguments(f"{call.name} takes no {name}; it takes {', '.join(known)}")
        if not isinstance(value, KINDS[known[name]["type"]]) or isinstance(value, bool):
            raise BadArguments(f"{name} of {call.name} must be of type {known[name]['type']}")
        if value not in known[name].get("enum", [value]):
            raise BadArguments(f"{name} of {call.name} must be one of {', '.join(known[name]['enum'])}")

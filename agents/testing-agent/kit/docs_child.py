"""Prints what is known of an installed module. Runs on the migration's own interpreter, Python 2.7 included.

Usage: docs_child.py MODULE.OR.MEMBER [help]
"""

from __future__ import print_function

import importlib
import inspect
import pydoc
import sys


def load(name):
    """A module or a member of one."""
    parts = name.split(".")
    problem = None
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError as error:
            problem = problem or error
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise problem


def version(name):
    top = name.split(".")[0]
    try:
        from importlib import metadata

        owners = metadata.packages_distributions() if hasattr(metadata, "packages_distributions") else {}
        return ", ".join("%s %s" % (one, metadata.version(one)) for one in sorted(set(owners.get(top, [top]))))
    except Exception:
        return ""


def signature(value):
    try:
        return str(inspect.signature(value)) if hasattr(inspect, "signature") else inspect.formatargspec(*inspect.getargspec(value))
    except Exception:
        return "(...)" if callable(value) else ""


def first_line(value):
    return (inspect.getdoc(value) or "").strip().split("\n")[0]


def overview(name):
    module = load(name)
    known = version(name)
    print("%s (%s)" % (name, known or "of Python %d.%d itself" % sys.version_info[:2]))
    print("\n".join((inspect.getdoc(module) or "").strip().splitlines()[:12]))
    names = getattr(module, "__all__", None) or [one for one in dir(module) if not one.startswith("_")]
    for one in names:
        value = getattr(module, one, None)
        if inspect.ismodule(value):
            continue
        if inspect.isclass(value):
            methods = [part for part in vars(value) if not part.startswith("_")]
            print("class %s%s  # %s" % (one, signature(value), first_line(value)))
            print("    %s" % ", ".join(methods[:30]))
        elif callable(value):
            print("%s%s  # %s" % (one, signature(value), first_line(value)))
        else:
            print("%s = %s" % (one, repr(value)[:80]))


def main():
    # the folder of this program holds nothing that is asked for
    sys.path.pop(0)
    name = sys.argv[1]
    try:
        if sys.argv[2:] == ["help"]:
            print(pydoc.plain(pydoc.render_doc(load(name), "%s")))
        else:
            overview(name)
    except Exception as error:
        print("%s: %s: %s" % (name, type(error).__name__, error))


if __name__ == "__main__":
    main()

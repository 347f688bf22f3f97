"""Start check of an environment, run by its own interpreter: imports each name, says what came of it.

Arguments: import names. Writes one line of JSON after a marker, because imports may print. Runs on 2.7 too.
"""
from __future__ import print_function
import importlib
import json
import sys

answer = {"version": "%d.%d.%d" % sys.version_info[:3], "imports": {}}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        answer["imports"][name] = ""
    except BaseException as error:
        answer["imports"][name] = "%s: %s" % (type(error).__name__, error)
print("\nprobe-of-environment " + json.dumps(answer))

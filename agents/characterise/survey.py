"""Prints as JSON what the Python files of a tree say. Runs in the migration's environment: Python 2.7 and 3.6+."""

import ast
import io
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from survey_code import Code  # noqa: E402

_PASSED_OVER = ('.git', '.hg', '.tox', '.venv', 'venv', 'node_modules', '__pycache__', 'build', 'dist', '.eggs')
MOST_FILES = 1500
LARGEST = 600000


def python_files(top):
    """Paths relative to `top`, in an order of their own."""
    found = []
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(
            name
            for name in folders
            if not (name in _PASSED_OVER and not os.path.isfile(os.path.join(folder, name, '__init__.py')))
            and not name.endswith('.egg-info')
        )
        for name in sorted(files):
            if name.endswith('.py') and not os.path.islink(os.path.join(folder, name)):
                found.append(os.path.relpath(os.path.join(folder, name), top).replace(os.sep, '/'))
    return found[:MOST_FILES]


def look_at(path):
    """Facts of one file; `error` where it cannot be read or parsed."""
    try:
        if os.path.getsize(path) > LARGEST:
            return {'error': 'too large'}
        with open(path, 'rb') as source:
            tree = ast.parse(source.read(), path)
        code = Code()
        code.visit(tree)
    except (SyntaxError, ValueError, TypeError, RuntimeError, EnvironmentError, MemoryError) as error:
        return {'error': '%s: %s' % (type(error).__name__, error)}
    facts = code.facts
    facts['doc'] = ast.get_docstring(tree) or ''
    facts['error'] = ''
    return facts


def main(top, target):
    files = {name: look_at(os.path.join(top, name)) for name in python_files(top)}
    text = json.dumps({'python': list(sys.version_info[:3]), 'files': files}, sort_keys=True, ensure_ascii=True)
    with io.open(target, 'w', encoding='ascii') as out:
        out.write(text if isinstance(text, type(u'')) else text.decode('ascii'))


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])

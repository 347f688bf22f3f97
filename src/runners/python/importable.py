"""Says which files of a tree can never be run here: modules that want another one, which this machine has not.

Usage: importable.py REQUEST, a JSON file: {root, files, pythonpath, libraries}. Every file is loaded as a module in a
process of its own. Writes {path: why} to standard output, of those files alone that end with a module missing which is
neither of the tree nor one of the libraries. Works on Python 2.7 and 3.6 and newer.
"""

import io
import json
import os
import subprocess
import sys
import threading

SECONDS = 60
MARK = 'missing module: '
LOAD = """
import sys
sys.path[:0] = sys.argv[2:]
try:
    __import__(sys.argv[1])
except ImportError as error:
    name = getattr(error, 'name', None)
    text = str(error)
    if name is None and text.startswith('No module named '):
        name = text[len('No module named '):]
    if name and text.startswith('No module named '):
        sys.stderr.write('\\n%s' + name.strip(chr(39)))
""" % MARK


def module_of(path, folders):
    """Dotted name of a file below the deepest of the path's folders that holds it; None where it has none."""
    for folder in sorted(folders, key=len, reverse=True):
        inside = path[len(folder) + 1 :] if folder and path.startswith(folder + '/') else path
        if folder and inside == path:
            continue
        parts = inside[: -len('.py')].split('/')
        if parts[-1] == '__init__':
            parts = parts[:-1]
        if path.endswith('.py') and parts and not any(set(part) & set('.- ') for part in parts):
            return '.'.join(parts)
    return None


def missing(module, places):
    """The module that loading this one ends at; None where it ends otherwise."""
    child = subprocess.Popen(
        [sys.executable, '-B', '-c', LOAD, module] + places, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    clock = threading.Timer(SECONDS, child.kill)
    clock.start()
    try:
        said = child.communicate()[1].decode('utf-8', 'replace')
    finally:
        clock.cancel()
    last = said.rsplit('\n', 1)[-1]
    return last[len(MARK) :] if last.startswith(MARK) else None


def main():
    with io.open(sys.argv[1], encoding='utf-8') as source:
        request = json.load(source)
    folders = ['' if folder == '.' else folder for folder in request['pythonpath']]
    places = [os.path.join(request['root'], folder) for folder in folders]
    answer = {}
    for path in sorted(request['files']):
        module = module_of(path, folders)
        wanted = missing(module, places) if module else None
        if wanted is None or any(wanted == name or wanted.startswith(name + '.') for name in request['libraries']):
            continue
        top = wanted.split('.')[0]
        if not any(os.path.exists(os.path.join(place, top + end)) for place in places for end in ('', '.py')):
            answer[path] = 'No module named %s' % wanted
    sys.stdout.write(json.dumps(answer, sort_keys=True))


if __name__ == '__main__':
    main()

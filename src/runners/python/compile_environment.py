"""Compiles the bytecode of an environment; runs by its bare interpreter (3.6 or newer), without any code of a package.

Arguments: site-packages folder, the path under which it is seen later, folder of bytecode that other environments of
this store already have. Bytecode of a distribution is kept by its sources' hashes and linked, not made again.
"""
import compileall
import csv
import hashlib
import importlib.util
import os
import sys

packages, seen_as, kept = sys.argv[1:4]
kept = os.path.join(kept, importlib.util.MAGIC_NUMBER.hex())


def sources():
    """Of each distribution: its key and its source files."""
    for name in sorted(os.listdir(packages)):
        record = os.path.join(packages, name, "RECORD")
        if not name.endswith(".dist-info") or not os.path.isfile(record):
            continue
        with open(record, encoding="utf-8", newline="") as file:
            rows = sorted(row[:2] for row in csv.reader(file) if len(row) > 1 and row[0].endswith(".py"))
        rows = [row for row in rows if not row[0].startswith(("/", ".."))]
        if rows and all(digest for _, digest in rows):
            key = hashlib.sha256(repr([seen_as, rows]).encode()).hexdigest()
            yield os.path.join(kept, key), [os.path.join(packages, path) for path, _ in rows]


new = []
for folder, files in sources():
    if not os.path.isdir(folder):
        new.append((folder, files))
        continue
    for name in os.listdir(folder):
        target = importlib.util.cache_from_source(files[int(name)])
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            os.link(os.path.join(folder, name), target)
        except FileExistsError:
            pass

# Leaves what is current; what does not compile (templates, another version's syntax) stays uncompiled.
compileall.compile_dir(packages, maxlevels=30, ddir=seen_as, quiet=2, workers=2)

for folder, files in new:
    part = "%s.part-%s" % (folder, os.urandom(6).hex())
    os.makedirs(part)
    for number, source in enumerate(files):
        try:
            os.link(importlib.util.cache_from_source(source), os.path.join(part, str(number)))
        except FileNotFoundError:
            pass
    try:
        os.rename(part, folder)
    except OSError:
        for name in os.listdir(part):
            os.unlink(os.path.join(part, name))
        os.rmdir(part)

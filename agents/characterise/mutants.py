"""The tree after with one changed piece taken back: what a suite should notice."""

import ast
import difflib
import os

MOST = 12


def hunk_mutants(before, after, goals_before, goals_after, python):
    """[(name, file, text)] for pieces that touch lines that matter, in order of file and place."""
    found = []
    files = sorted({name for name, _ in goals_before} | {name for name, _ in goals_after})
    for file in files:
        old, new = lines_of(os.path.join(before, file)), lines_of(os.path.join(after, file))
        if old is None or new is None:
            continue
        matters = [{line for name, line in goals if name == file} for goals in (goals_before, goals_after)]
        for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
            touched = matters[0] & set(range(i1 + 1, i2 + 1)) or matters[1] & set(range(j1 + 1, j2 + 1))
            if kind != 'equal' and touched:
                text = ''.join(new[:j1] + old[i1:i2] + new[j2:])
                if python[0] == 2 or parses(text):
                    found.append((f'{file}:{j1 + 1}-{j2}', file, text))
    step = max(1, -(-len(found) // MOST))
    return found[::step]


def lines_of(path):
    if not os.path.isfile(path):
        return None
    with open(path, encoding='utf-8', errors='surrogateescape', newline='') as stream:
        return stream.read().splitlines(True)


def parses(text):
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True

"""Slightly other inputs: from probes that reach something to neighbours that may reach more."""

import ast
import dataclasses
import re

MOST_EACH = 10


def neighbours(probe):
    """Up to ten probes that differ in one constant, one line of a file or one word of a command line."""
    found = []
    if probe.argv is not None or re.search(r'\(\[', probe.steps[-1][1]):
        found += words(probe)
    found += contents(probe)
    found += constants(probe)
    found = [dataclasses.replace(other, distance=probe.distance + 1) for other in found]
    unique = {other.identity: other for other in found if other.identity != probe.identity}
    return list(unique.values())[:MOST_EACH]


def constants(probe):
    found = []
    for place in range(len(probe.steps) - 1, -1, -1):
        name, text = probe.steps[place]
        try:
            tree = ast.parse(text, mode='eval')
        except (SyntaxError, ValueError):
            continue
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.kind is None]
        for node in nodes[:4]:
            kept = node.value
            for other in variants(kept):
                node.value = other
                steps = probe.steps[:place] + ((name, ast.unparse(tree)),) + probe.steps[place + 1 :]
                found.append(dataclasses.replace(probe, steps=steps))
            node.value = kept
    return found


def variants(value):
    """Other values of the kind: empty, cut, more of it, another case; a line less of a long text."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, 0, -1, value * 2 + 3]
    if isinstance(value, float):
        return [0.0, -value, value + 0.5]
    if isinstance(value, str):
        return texts(value)
    if isinstance(value, bytes):
        return [b'', value[: len(value) // 2], value + b'x', value[::-1]]
    return []


def texts(value):
    lines = value.split('\n')
    if len(lines) > 2:
        less = ['\n'.join(lines[:index] + lines[index + 1 :]) for index in range(min(len(lines), 5))]
        return less + [value[: len(value) // 2]]
    found = ['', value + 'x', value[: len(value) // 2], value.upper()] + (
        [value + ' ' + value] if len(value) < 12 else []
    )
    tags = re.findall(r'<\w+[^>]*/?>', value)
    if len(tags) > 1:
        found = [value.replace(tag, '', 1) for tag in tags[:3]] + found
    return found


def contents(probe):
    found = []
    for place, (name, content) in enumerate(probe.files):
        if name != 'more.txt':
            for other in texts(content)[:6]:
                files = probe.files[:place] + ((name, other),) + probe.files[place + 1 :]
                found.append(dataclasses.replace(probe, files=files))
    return found


def words(probe):
    """A word of the command line dropped, doubled or moved to the end."""
    if probe.argv is not None and len(probe.argv) > 1:
        line = probe.argv
        others = [line[:i] + line[i + 1 :] for i in range(1, len(line))]
        others += [line + (line[i],) for i in range(1, len(line))] + [line[:1] + line[2:] + line[1:2]]
        return [dataclasses.replace(probe, argv=other) for other in others]
    name, text = probe.steps[-1]
    try:
        tree = ast.parse(text, mode='eval')
    except (SyntaxError, ValueError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.List) and 0 < len(node.elts) < 9:
            kept = node.elts
            others = [kept[:i] + kept[i + 1 :] for i in range(len(kept))]
            others += [kept + [kept[i]] for i in range(len(kept))] + [kept[1:] + kept[:1]]
            for other in others:
                node.elts = other
                found.append(dataclasses.replace(probe, steps=probe.steps[:-1] + ((name, ast.unparse(tree)),)))
            node.elts = kept
            break
    return found

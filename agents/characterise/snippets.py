"""Probes from pieces of code in documents and docstrings: simple statements, one after the other."""

import ast

from mining import BUILTINS, STANDARD
from probes import Probe
from arguments import import_of


def probes_of(documents, facts, score=1.0, most=80):
    """One probe a piece of code that can be followed; what it prints or leaves in names is looked at."""
    found = []
    for name, block in documents.blocks:
        probe = followed(name, block, documents, facts, score)
        if probe is not None:
            found.append(probe)
    unique = {probe.identity: probe for probe in reversed(found)}
    return list(reversed(list(unique.values())))[:most]


def followed(name, block, documents, facts, score):
    try:
        tree = ast.parse(block)
    except (SyntaxError, ValueError):
        return None
    imports, steps, observe = [], [], []
    known = set()
    home = facts.modules.get(name) if name in facts.files else None
    for statement in flat(tree.body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            lines = imported(statement, facts)
            if lines is None:
                continue
            imports += [line for line, _ in lines]
            known |= {bound for _, bound in lines}
            continue
        target, value = parts_of(statement)
        if value is None or len(steps) >= 12:
            break
        needs = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        missing = needs - known - BUILTINS
        extra = [line for line in (own_import(word, home, facts) for word in sorted(missing)) if line]
        if len(extra) < len(missing):
            break
        imports += extra
        known |= missing
        variable = target or f'seen{len(steps)}'
        steps.append((variable, ast.unparse(value)))
        known.add(variable)
        observe.append(variable)
    own = [line for line in imports if line.split()[1].split('.')[0] in facts.own]
    if not steps or not own:
        return None
    module = own[0].split()[1]
    word = 'example_' + module.rpartition('.')[2].strip('_')
    observe = observe[-5:]
    return Probe(
        f'{name}:example', module, word, tuple(dict.fromkeys(imports)), tuple(steps), tuple(observe), score=score
    )


def flat(body):
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from flat(statement.body)
        else:
            yield statement


def parts_of(statement):
    """(name or None, expression or None) of a simple statement; `print(x)` gives x."""
    if (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.targets[0], ast.Name)
    ):
        return statement.targets[0].id, statement.value
    if isinstance(statement, ast.Expr):
        value = statement.value
        printed = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == 'print'
        if printed and len(value.args) == 1 and not value.keywords:
            return None, value.args[0]
        return None, None if printed else value
    if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
        return None, statement.test.left
    return None, None


def imported(statement, facts):
    """[(line, bound name)] of an import of the tree or of a safe part of the standard library; None for others."""
    found = []
    for alias in statement.names:
        module = alias.name if isinstance(statement, ast.Import) else statement.module or ''
        top = module.split('.')[0]
        member = None if isinstance(statement, ast.Import) else alias.name
        if getattr(statement, 'level', 0) or facts.is_library(module, member) or member == '*':
            return None
        if top not in facts.own and top not in STANDARD:
            return None
        tail = f' as {alias.asname}' if alias.asname else ''
        line = f'import {module}{tail}' if member is None else import_of(module, member) + tail
        found.append((line, alias.asname or (member or module.split('.')[0])))
    return found


def own_import(word, home, facts):
    """The import of a name that a docstring's own module has."""
    if home is None:
        place = facts.class_named(word)
        return import_of(facts.modules[place[0]], word) if place else None
    told = facts.files[facts.by_module[home]] if home in facts.by_module else None
    if told is None:
        return None
    names = [f['name'] for f in told['functions']] + [c['name'] for c in told['classes']] + list(told['assigns'])
    return import_of(home, word) if word in names else None

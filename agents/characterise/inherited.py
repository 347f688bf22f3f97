"""Methods that classes of the tree have from elsewhere: what a migration may change without a word of their own."""

import ast

from arguments import import_of
from facts import made_up
from probes import Probe
from targets import Target

MOST_EACH = 10
MOST = 40
_PLAIN = "('builtins', 'typing', 'abc', 'enum', 'collections', 'threading')"
_NAMES = (
    '[(name, base) for name, base in [(name, next(kind.__module__ for kind in {0}.__mro__ if name in vars(kind))) '
    "for name in dir({0}) if not name.startswith('_') and __import__('inspect').isroutine(getattr({0}, name))] "
    f"if base.split('.')[0] not in {_PLAIN}]"
)
_PARAMETERS = (
    "[(p.name, p.kind.name, p.default is not p.empty, repr(p.default) if isinstance(p.default, (bool, int, str, type(None))) "
    "else '...') "
    "for p in __import__('inspect').signature({0}.{1}).parameters.values()]"
)
_KINDS = {'VAR_POSITIONAL': 'many', 'VAR_KEYWORD': 'words', 'KEYWORD_ONLY': 'keyword'}


def inherited(facts, lab, changed):
    """Targets: public methods from outside of the tree, of classes in modules that a migration concerns; those of the
    library first."""
    classes = [
        (file, told['name']) for file, told in facts.classes() if told['bases'] and (facts.hits[file] or changed.get(file))
    ]
    asked = asks(facts, lab, [(file, owner, _NAMES.format(owner)) for file, owner in classes])
    wanted = []
    for (file, owner), found in zip(classes, asked):
        outside = [(name, base) for name, base in found or [] if base.split('.')[0] not in facts.own]
        outside.sort(key=lambda pair: (not facts.is_library(pair[1]), pair[0]))
        wanted += [(2.0 if facts.is_library(base) else 0.7, file, owner, name) for name, base in outside[:MOST_EACH]]
    wanted = sorted(wanted, key=lambda row: -row[0])[:MOST]
    signatures = asks(facts, lab, [(file, owner, _PARAMETERS.format(owner, name)) for _, file, owner, name in wanted])
    return [
        Target(function_of(facts, file, owner, name, rows), score, 'has it from elsewhere')
        for (score, file, owner, name), rows in zip(wanted, signatures)
        if rows
    ]


def asks(facts, lab, questions):
    """What expressions give, each with one class of the tree at hand; None where one cannot be had."""
    probes = [
        Probe(file, facts.modules[file], owner, (import_of(facts.modules[file], owner),), (('result', text),), ('result',))
        for file, owner, text in questions
    ]
    if not probes:
        return []
    results, _ = lab.run(probes, sorted({probe.module for probe in probes}), facts.own, 0, False)
    texts = [next((item['text'] for item in result['observations'] if item['kind'] == 'value'), 'None') for result in results]
    return [ast.literal_eval(text) for text in texts]


def function_of(facts, file, owner, name, rows):
    """The method as if the class wrote it itself; first what has an object of the library's own by default."""
    rows = sorted(rows, key=lambda row: row[2] and row[3] != '...')
    parameters = [
        {'name': word, 'kind': _KINDS.get(kind, 'plain'), 'optional': optional, 'annotation': '',
         'default': (default if default != '...' else 'None') if optional else None}
        for word, kind, optional, default in rows
    ]  # fmt: skip
    return made_up(file, facts.modules[file], f'{owner}.{name}', owner, parameters, inherited=True)

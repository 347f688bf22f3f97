"""What is worth running: functions near migration points, best first."""

from dataclasses import dataclass

# a test that runs tests tells nothing, and may take the run that it is part of along
RUNNERS = frozenset('pytest.main py.test.cmdline.main unittest.main nose.main nose.run doctest.testmod'.split())


@dataclass
class Target:
    """A function or method, how much it matters and why."""

    function: object
    score: float
    why: str


def choose_targets(facts, changed, most=90):
    """Targets in order: those that hold such lines, those that call them (twice over), the rest of their modules."""
    goals = {name: set(lines) for name, lines in facts.hits.items()}
    for name, lines in changed.items():
        if name in goals:
            goals[name] |= set(lines)
    scores = {}

    def note(function, score, why):
        if function.key not in scores or scores[function.key].score < score:
            scores[function.key] = Target(function, score, why)

    near = []
    for function in facts.functions:
        inside = {line for line in goals[function.file] if function.holds(line)}
        if inside:
            note(function, 3 + min(len(inside), 10) / 10, 'uses it')
            near.append(function)
    for weight, why in ((2, 'calls what uses it'), (1.5, 'calls a caller')):
        names = {f.last for f in near if not f.last.startswith('__')}
        names |= {f.owner.rpartition('.')[2] for f in near if f.owner}
        callers = [f for f in facts.callers(names) if f.key not in scores]
        for function in callers:
            note(function, weight, why)
        near = near + callers
    # a class that uses it is reached by all its methods; a module that imports it, by all its functions
    for target in list(scores.values()):
        function = target.function
        if function.owner and target.score >= 2:
            for other in facts.functions:
                if other.file == function.file and other.owner == function.owner:
                    note(other, 1.2, 'in a class that uses it')
    for function in facts.functions:
        if goals[function.file]:
            note(function, 0.8, 'in a module that uses it')
    # what is far off may be the way in: functions at the top of modules that import such modules, over three steps
    modules = {facts.modules[name] for name, lines in goals.items() if lines}
    for score in (0.6, 0.5, 0.4):
        importers = importing_modules(facts, modules) - modules
        for function in facts.functions:
            if (
                function.module in importers
                and not (function.owner and score < 0.6)
                and not function.last.startswith('_')
            ):
                note(function, score, 'in a module that leads to it')
        modules |= importers
    found = [target for target in scores.values() if is_callable(target.function)]
    for target in found:
        # what is public is what a migration has to keep
        if not target.function.last.startswith('_') or target.function.last.startswith('__'):
            target.score += 0.3
        else:
            target.score *= 0.5
    found.sort(key=lambda target: (-target.score, target.function.key))
    return found[:most]


def importing_modules(facts, modules):
    """Modules of the tree that import one of these."""
    found = set()
    for name in facts.product:
        for entry in facts.files[name]['imports']:
            module = facts.resolve(name, entry)
            if module in modules or (entry['name'] and f"{module}.{entry['name']}" in modules):
                found.add(facts.modules[name])
    return found


def is_callable(function):
    """Whether a call can be written for it: no setters, overloads, runs of test suites; of special methods a few."""
    last = function.last
    if last.startswith('__') and last.endswith('__'):
        return last in ('__init__', '__call__', '__str__', '__repr__', '__len__', '__iter__', '__getitem__',
                        '__contains__', '__eq__', '__add__', '__enter__')  # fmt: skip
    if RUNNERS & set(function.told['calls']):
        return False
    names = function.told['decorators']
    return not any(name.endswith(('.setter', '.deleter', 'overload', 'fixture')) for name in names)

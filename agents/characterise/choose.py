"""The tests that are worth writing: together they run the migration points, each adds something."""

from dataclasses import dataclass, field


@dataclass
class Candidate:
    """A probe with what all runs agree on, and the lines that it runs (of the tree before; of the tree after).

    `notices`: it ends otherwise where the source library is out of reach; `kills`: mutants on which it does.
    """

    probe: object
    observations: list
    lines: frozenset
    arcs: frozenset
    worth: float
    signature: str
    ends: str = ''
    notices: bool = True
    kills: frozenset = frozenset()
    extra: dict = field(default_factory=dict)


def choose(candidates, goals, most, per_target=8, least=0.6):
    """A greedy set: first lines that matter (each from up to three angles), then new steps between lines."""
    goals = frozenset(goals)
    files = {name for name, _ in goals}
    covered, caught, seen_arcs, seen, ways, openings, endings, by_target = (
        {},
        {},
        set(),
        set(),
        set(),
        set(),
        set(),
        {},
    )
    near = {id(c): frozenset(arc for arc in c.arcs if tuple(arc)[0] in files) for c in candidates}
    hits = {id(c): c.lines & goals for c in candidates}
    left = list(candidates)
    blind = 0.2 if any(c.notices for c in candidates) else 0.5
    chosen = []
    while left and len(chosen) < most:
        best, gain = None, least
        for candidate in left:
            target = candidate.probe.target
            if by_target.get(target, 0) >= per_target * (2 if candidate.probe.argv is not None else 1):
                continue
            value = sum((10, 3, 2)[covered.get(line, 0)] for line in hits[id(candidate)] if covered.get(line, 0) < 3)
            value += sum((14, 4, 2)[caught.get(name, 0)] for name in candidate.kills if caught.get(name, 0) < 3)
            value += 1.0 * len(near[id(candidate)] - seen_arcs)
            value += 0.05 * min(40, len(candidate.arcs - seen_arcs))
            value += 0.8 if (target, candidate.signature) not in seen and hits[id(candidate)] else 0.0
            value += 3.0 if (target, finish(candidate)) not in endings and hits[id(candidate)] else 0.0
            if (target, candidate.signature) in seen:
                value *= 0.3
            if (target, candidate.ends, candidate.arcs) in ways:
                value *= 0.5
            if (target, opening(candidate.probe)) in openings:
                value *= 0.6
            value *= 0.3 + candidate.worth / 2
            value *= 1.0 if candidate.notices else blind
            value *= 0.6 if private(candidate.probe) else 1.0
            value *= 0.85**candidate.probe.distance
            value *= 1 + candidate.probe.score / 20
            value /= 1 + by_target.get(target, 0) / 12
            value -= size(candidate.probe) / 4000
            if value > gain:
                best, gain = candidate, value
        if best is None:
            break
        left.remove(best)
        chosen.append(best)
        for line in hits[id(best)]:
            covered[line] = covered.get(line, 0) + 1
        for name in best.kills:
            caught[name] = caught.get(name, 0) + 1
        ways.add((best.probe.target, best.ends, best.arcs))
        endings.add((best.probe.target, finish(best)))
        openings.add((best.probe.target, opening(best.probe)))
        seen_arcs |= best.arcs
        seen.add((best.probe.target, best.signature))
        by_target[best.probe.target] = by_target.get(best.probe.target, 0) + 1
    return chosen


def filled(chosen, candidates, goals, few):
    """Where less was chosen: further inputs, likely ones first, as a handful of tests says little."""
    kept = list(chosen)
    openings = {(c.probe.target, opening(c.probe)) for c in kept}
    left = [c for c in candidates if c not in kept and c.lines & frozenset(goals)]
    left.sort(key=lambda c: (not c.notices, private(c.probe), c.probe.distance, -c.worth, size(c.probe), repr(c.probe.steps)))
    for candidate in left:
        key = (candidate.probe.target, opening(candidate.probe))
        if len(kept) < few and key not in openings:
            openings.add(key)
            kept.append(candidate)
    return kept


def finish(candidate):
    """In which way it ends: a value, an exception of a class, an exit code, files, output."""
    parts = [candidate.ends]
    for item in candidate.observations:
        if item['kind'] == 'raises':
            parts.append(item['types'][0])
        elif item['kind'] == 'exit':
            parts.append(item['code'])
        elif item['kind'] in ('file', 'out'):
            parts.append(item['kind'])
    return repr(parts)


def opening(probe):
    """How a probe's input begins: those that begin alike are much the same."""
    return (
        probe.steps[-1][1][:40],
        probe.argv and probe.argv[:2],
        tuple((name, text[:20]) for name, text in probe.files),
    )


def size(probe):
    return sum(len(text) for _, text in probe.steps) + sum(len(content) for _, content in probe.files)


def private(probe):
    """Whether it names something that the package keeps to itself."""
    name = probe.target.rpartition(':')[2].rpartition('.')[2]
    return name.startswith('_') and not name.startswith('__')

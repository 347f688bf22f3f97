"""From targets to candidates: probes are tried, tried again under other conditions, and compared."""

import dataclasses

from choose import Candidate, choose, filled
from findings import agreed, signature, worth
from laboratory import say
from mutate import neighbours

POOL = 150
HUNTED = 90
FEW = 8


class Study:
    """Finds what the trees of a task do; `before` and `after` are laboratories (`after` None for helpers).

    `noop` is the laboratory and the refused names for the tree before without the library; `mutants` as mutants.py
    makes them.
    """

    def __init__(self, facts, before, after, noop, goals, task, mutants=()):
        self.facts, self.before, self.after, self.noop = facts, before, after, noop
        self.goals, self.task, self.mutants = goals, task, mutants
        self.imported = {}
        self.tried = 0

    @staticmethod
    def modules(probes):
        return sorted({probe.module for probe in probes})

    def first(self, probes):
        """Candidates of one run under trace; what went wrong, or reached for the network, is left out."""
        results, imported = self.before.run(probes, self.modules(probes), self.facts.own)
        self.imported.update(imported)
        self.tried += len(probes)
        found = []
        for probe, result in zip(probes, results):
            told = agreed([result], self.after is None)
            if told or (result['outcome'] == 'returns' and not result['flags']):
                found.append(self.candidate(probe, result, told or []))
        return found

    def candidate(self, probe, result, observations):
        lines = {tuple(line) for line in result['lines']}
        lines |= {tuple(line) for line in self.imported.get(probe.module, {}).get('lines', [])}
        made = Candidate(probe, observations, frozenset(lines), frozenset(tuple(arc) for arc in result['arcs']),
                         worth(observations) if observations else 0.2, signature(observations))  # fmt: skip
        made.ends = result['outcome']
        made.extra = {'at': result['at'], 'lazy': bool(result.get('lazy')), 'result': result}
        result['lines'] = result['arcs'] = ()
        return made

    def explore(self, probes):
        """First runs, then neighbours of what reached most, then lists of what was lazy."""
        found = self.first(probes[: self.task.probes])
        lazy = [self.listed(c.probe) for c in found if c.extra['lazy']]
        if lazy:
            found = [c for c in found if not c.extra['lazy']] + self.first(lazy)
        for share in (0.25, 0.15):
            best = choose(found, self.goals, 40, 12, 0.3)
            known = {c.probe.identity for c in found}
            near = [other for c in best for other in neighbours(c.probe) if other.identity not in known]
            near = list({probe.identity: probe for probe in near}.values())[: int(self.task.probes * share)]
            if near:
                found += self.first(near)
        return found

    @staticmethod
    def listed(probe):
        name, text = probe.steps[-1]
        return dataclasses.replace(probe, steps=probe.steps[:-1] + ((name, f'list({text})'),))

    def settle(self, found):
        """Candidates whose observations hold under every condition, and on the tree after where there is one."""
        pool = filled(choose(found, self.goals, POOL, 30, 0.05), found, self.goals, 3 * FEW)
        say(f'{self.tried} probes tried, {len(found)} of use, {len(pool)} looked at again')
        settled, shaky = self.confirmed(pool)
        shapes = [dataclasses.replace(c.probe, shape=True, observe=()) for c in shaky if self.may_be_random(c)]
        shapes = list({probe.identity: probe for probe in shapes}.values())[:40]
        if shapes:
            held, _ = self.confirmed(self.first(shapes))
            settled += held
        self.hunt(settled)
        return settled

    @staticmethod
    def may_be_random(candidate):
        whole = candidate.extra['at'] == len(candidate.probe.steps)
        return whole and candidate.probe.argv is None and candidate.probe.steps[-1][0] == 'result'

    def confirmed(self, pool):
        """(candidates that hold, candidates that return but not the same each time)."""
        if not pool:
            return [], []
        probes = [c.probe for c in pool]
        away = self.runs(self.before, [dataclasses.replace(probe, home=False) for probe in probes], 2)
        later = self.shifted(pool)
        after = self.after.run(probes, self.modules(probes), self.facts.own, 0, True) if self.after else None
        without = self.runs(self.noop[0], probes, 0, self.noop[1])
        settled, shaky, homely = [], [], []
        for index, candidate in enumerate(pool):
            results = [candidate.extra['result'], later[index]]
            told = agreed(results, self.after is None)
            if told is None:
                if all(result['outcome'] == 'returns' and not result['flags'] for result in results):
                    shaky.append(candidate)
                continue
            if after:
                results.append(after[0][index])
                told = agreed(results, False)
            if told is None:
                continue
            made = self.final(candidate, told, after, index)
            made.notices = self.differs(told, [*results, without[index]])
            made.extra['results'] = results
            if self.differs(told, [*results, away[index]]):
                homely.append(made)
            else:
                settled.append(made)
        settled += self.at_home(homely)
        say(f'{len(settled)} of {len(pool)} hold, {sum(c.notices for c in settled)} notice that the library is gone')
        return settled, shaky

    def runs(self, lab, probes, condition, blocked=()):
        return lab.run(probes, self.modules(probes), self.facts.own, condition, False, blocked)[0]

    def shifted(self, pool):
        """Results on another day; for code that asks datetime for it, with classes that tell that day."""
        results = {}
        for clock in (False, True):
            part = [(index, c.probe) for index, c in enumerate(pool) if bool(c.extra['result'].get('clock')) == clock]
            if part:
                probes = [probe for _, probe in part]
                found, _ = self.before.run(probes, self.modules(probes), self.facts.own, 1, False, classes=clock)
                results.update(zip((index for index, _ in part), found))
        return results

    def at_home(self, candidates):
        """Those that hold elsewhere when HOME is the folder they work in: their tests have to say so."""
        kept = []
        for candidate, result in zip(
            candidates, self.runs(self.before, [c.probe for c in candidates], 2) if candidates else []
        ):
            told = agreed([*candidate.extra['results'], result], self.after is None)
            if told is not None:
                candidate.observations, candidate.extra['home'] = told, True
                candidate.signature = signature(told)
                kept.append(candidate)
        return kept

    def differs(self, told, results):
        """Whether a further run takes something away from what was agreed."""
        other = agreed(results, self.after is None)
        return other is None or signature(other) != signature(told)

    @staticmethod
    def final(candidate, told, after, index):
        lines = candidate.lines
        if after:
            results, imported = after
            seen = {tuple(line) for line in results[index]['lines']}
            seen |= {tuple(line) for line in imported.get(candidate.probe.module, {}).get('lines', [])}
            lines = lines | {(f'after:{name}', line) for name, line in seen}
        made = Candidate(candidate.probe, told, lines, candidate.arcs, worth(told), signature(told))
        made.ends = candidate.ends
        made.extra = dict(candidate.extra)
        return made

    def hunt(self, settled):
        """Which mutants of the tree after each candidate notices."""
        if self.after is None or not settled:
            return
        settled = choose(settled, self.goals, HUNTED, 24, 0.05)
        probes = [c.probe for c in settled]
        for name, file, text in self.mutants:
            results = self.after.run(probes, self.modules(probes), self.facts.own, 0, False, (), (file, text))[0]
            for candidate, result in zip(settled, results):
                if self.differs(candidate.observations, [*candidate.extra['results'], result]):
                    candidate.kills |= {name}
        if self.mutants:
            caught = set().union(*(c.kills for c in settled))
            say(f'{len(caught)} of {len(self.mutants)} changes are noticed when taken back')

    def chosen(self, settled, goals_after):
        goals = set(self.goals) | {(f'after:{name}', line) for name, line in goals_after}
        return filled(choose(settled, goals, self.task.tests), settled, goals, min(FEW, self.task.tests))

"""From targets to candidates: probes are tried, tried again under other conditions, and compared."""

import dataclasses

from choose import Candidate, choose
from findings import agreed, signature, worth
from laboratory import say
from mutate import neighbours

POOL = 260


class Study:
    """Finds what the trees of a task do; `before` and `after` are laboratories (`after` None for helpers)."""

    def __init__(self, facts, before, after, goals, task, goals_after=frozenset()):
        self.facts, self.before, self.after = facts, before, after
        self.goals, self.goals_after, self.task = goals, goals_after, task
        self.imported = {}
        self.tried = 0

    def modules(self, probes):
        return sorted({probe.module for probe in probes})

    def first(self, probes):
        """Candidates of one run under trace; what went wrong, or reached for the network, is left out."""
        results, imported = self.before.run(probes, self.modules(probes), self.facts.own)
        self.imported.update(imported)
        self.tried += len(probes)
        found = []
        for probe, result in zip(probes, results):
            told = agreed([result], self.after is None)
            wanted = told or (result['outcome'] == 'returns' and not result['flags'])
            if wanted:
                found.append(self.candidate(probe, result, told or []))
        return found

    def candidate(self, probe, result, observations):
        lines = {tuple(line) for line in result['lines']}
        loaded = self.imported.get(probe.module, {}).get('lines', [])
        lines |= {tuple(line) for line in loaded}
        made = Candidate(probe, observations, frozenset(lines), frozenset(tuple(arc) for arc in result['arcs']),
                         worth(observations) if observations else 0.2, signature(observations))  # fmt: skip
        made.extra = {'at': result['at'], 'lazy': bool(result.get('lazy'))}
        return made

    def explore(self, probes):
        """First runs, then neighbours of what reached most, then lists of what was lazy."""
        found = self.first(probes[: self.task.probes])
        lazy = [self.listed(c.probe) for c in found if c.extra['lazy']]
        if lazy:
            found = [c for c in found if not c.extra['lazy']] + self.first(lazy)
        for share in (0.3, 0.15):
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
        pool = choose(found, self.goals, POOL, 30, 0.05)
        say(f'{self.tried} probes tried, {len(found)} of use, {len(pool)} looked at again')
        settled, shaky = self.confirmed(pool)
        shapes = [dataclasses.replace(c.probe, shape=True, observe=()) for c in shaky if self.may_be_random(c)]
        shapes = list({probe.identity: probe for probe in shapes}.values())[:80]
        if shapes:
            held, _ = self.confirmed(self.first(shapes))
            settled += held
        return settled

    @staticmethod
    def may_be_random(candidate):
        return candidate.probe.argv is None and candidate.probe.steps[-1][0] == 'result' and candidate.extra['at'] == len(candidate.probe.steps)

    def confirmed(self, pool):
        """(candidates that hold, candidates that return but not the same each time)."""
        if not pool:
            return [], []
        probes = [c.probe for c in pool]
        modules = self.modules(probes)
        own = self.facts.own
        away = [dataclasses.replace(probe, home=False) for probe in probes]
        runs = [self.before.run(probes, modules, own, condition, False)[0] for condition in (0, 1, 2)]
        elsewhere = self.before.run(away, modules, own, 2, False)[0]
        after = []
        if self.after is not None:
            after = [self.after.run(probes, modules, own, 0, True), self.after.run(probes, modules, own, 1, False)]
        settled, shaky = [], []
        for index, candidate in enumerate(pool):
            results = [run[index] for run in runs]
            told = agreed(results, self.after is None)
            if told is None:
                if all(result['outcome'] == 'returns' and not result['flags'] for result in results):
                    shaky.append(candidate)
                continue
            both = told
            if after:
                results += [run[0][index] for run in after]
                both = agreed(results, False)
            if both is None:
                continue
            at_home = agreed([*results, elsewhere[index]], self.after is None)
            settled.append(self.final(candidate, both, at_home, after, index))
        say(f'{len(settled)} of {len(pool)} hold')
        return settled, shaky

    def final(self, candidate, told, away, after, index):
        lines = candidate.lines
        if after:
            (results, imported), _ = after
            seen = {('after', *line) for line in results[index]['lines']}
            seen |= {('after', *line) for line in imported.get(candidate.probe.module, {}).get('lines', [])}
            lines = lines | {(f'after:{name}', line) for _, name, line in seen}
        made = Candidate(candidate.probe, told, lines, candidate.arcs, worth(told), signature(told))
        home = away is None or signature(away) != signature(told)
        made.extra = dict(candidate.extra, home=home)
        return made

    def chosen(self, settled):
        goals = set(self.goals) | {(f'after:{name}', line) for name, line in self.goals_after}
        return choose(settled, goals, self.task.tests)

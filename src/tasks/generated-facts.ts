import type { TestId } from '../model/tests.ts';
import type { InspectedFile, InspectedTest } from '../runners/inspect-tests.ts';
import type { GateFacts } from '../scoring/gates.ts';
import { outcomeOf } from '../scoring/test-classes.ts';
import type { SteadyRuns } from './steady-runs.ts';

/** What a test's source says: its file's error, or itself; null where it cannot be found there. */
export function sourceOf(
  id: TestId,
  inspected: Readonly<Record<string, InspectedFile>>,
): { readonly parseError: string | null; readonly source: InspectedTest | null } {
  const [file = '', ...names] = (id.split('[')[0] ?? id).split('::');
  const found = inspected[file];
  return { parseError: found?.error ?? null, source: found?.tests[names.join('::')] ?? null };
}

/** One fact sheet a test, what could not be collected included; neither trees nor relevance are known yet. */
export function generatedFacts(
  files: readonly string[],
  inspected: Readonly<Record<string, InspectedFile>>,
  runs: SteadyRuns | null,
): GateFacts[] {
  const collected = runs?.ids ?? [];
  const ofFile = new Set(collected.map((id) => id.split('::')[0] ?? id));
  const lost = files
    .filter((file) => !ofFile.has(file) && isTestFile(file))
    .flatMap((file) => {
      const { error = null, tests = {} } = inspected[file] ?? {};
      const named = Object.keys(tests).filter((name) => /^(?:test|Test\w*::test|\w+::test)/.test(name));
      return error !== null || named.length === 0 ? [file] : named.map((name) => `${file}::${name}`);
    });
  return [...collected, ...lost].sort().map((id) => {
    const { parseError, source } = sourceOf(id, inspected);
    const steady = runs?.steady.get(id) ?? null;
    const error = runs?.first.collectionErrors.find(({ file }) => file === id.split('::')[0] || file === '');
    const uncollected = runs !== null && !collected.includes(id);
    const untried = { again: null, shuffled: null, alone: null, clock: null, hashSeed: null };
    return {
      id,
      origin: 'generated',
      parseError:
        parseError ?? (uncollected && source === null && error === undefined ? 'holds no test' : null),
      source,
      steady: steady ?? (uncollected ? { ...untried, plain: outcomeOf(id, runs.first) } : null),
      message: runs?.messages[id] ?? error?.message ?? '',
      before: null,
      relevance: { blocked: null, executes: null, kills: null },
    };
  });
}

/** pytest's own usual patterns, by which generated tests are collected. */
function isTestFile(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return /^(?:test.*|.*_tests?)\.py$/.test(name);
}

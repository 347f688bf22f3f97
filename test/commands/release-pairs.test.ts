import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { readEvalSuite } from '../../src/tasks/eval-suite.ts';
import { cli, summaryIn, type SummaryLine } from '../rigs/cli.ts';
import { engineSocket } from '../rigs/engine.ts';

const FIXTURE = path.join(import.meta.dirname, '../fixtures/release-pairs.json');
const KNOWN = (
  JSON.parse(readFileSync(FIXTURE, 'utf8')) as {
    pairs: Record<string, { preserved: number; noopFails: number; lost: number } | undefined>;
  }
).pairs;

/** A whole refusal, a half one where the suite still loads, and an upgrade with two environments. */
const PAIRS = [
  ['requirements-parser', 'setuptools__packaging__pypi@requirements-parser__1c38b542'],
  ['tempora', 'pytz__zoneinfo__pypi@tempora__9cefbd6a'],
  ['flask-login', 'flask__flask__pypi@flask-login__2ff5fafa'],
] as const;

async function run(id: string, agent: string, data: string): Promise<SummaryLine> {
  const result = await cli([
    'run',
    id,
    '--agent',
    agent,
    '--runtime',
    'docker',
    '--data-dir',
    data,
    '--json',
  ]);
  expect([result.code, result.stderr]).toEqual([0, '']);
  return summaryIn(result);
}

/** Tests of the earlier release: what both releases pass, what of it the unchanged tree fails, and what the later one lost. */
function frozenCounts(id: string, data: string): { preserved: number; noopFails: number; lost: number } {
  const suite = readEvalSuite(path.join(data, 'eval-tests', id, 'existing'));
  if (!suite.ok) throw new Error(suite.failure);
  expect(suite.value.tests.filter((one) => one.class === 'flaky')).toEqual([]);
  const before = suite.value.tests.filter(({ origin }) => origin === 'developers-before');
  const preserved = before.filter((one) => one.class === 'preserved');
  return {
    preserved: preserved.length,
    noopFails: preserved.filter(({ blocked }) => blocked !== 'passed').length,
    lost: before.filter((one) => one.class === 'gt_regression').length,
  };
}

describe.skipIf(engineSocket === null)('two releases of a package, in containers', () => {
  test.each(PAIRS)(
    '%s: the later release scores 1 and is resolved, doing nothing is not, and the counts are the known ones',
    async (name, id) => {
      const { preserved, noopFails, lost } = KNOWN[name]!;
      const data = path.join(inject('sharedFolder'), 'release-pairs');
      const gold = await run(id, 'gold', data);
      expect(gold.scores.patch_eval).toEqual({ status: 'scored', value: 1 });
      expect(gold.scores.unit_test_eval).toMatchObject({
        status: 'scored',
        value: 1,
        resolved: true,
        counts: { 'developers-before': preserved, 'developers-before passed': preserved },
      });
      expect(frozenCounts(id, data)).toEqual({ preserved, noopFails, lost });

      const noop = await run(id, 'noop', data);
      expect(noop.scores.patch_eval).toEqual({ status: 'scored', value: 0 });
      expect(noop.scores.unit_test_eval).toMatchObject({
        status: 'scored',
        resolved: false,
        counts: { 'developers-before': preserved, 'developers-before passed': preserved - noopFails },
      });
    },
    300_000,
  );
});

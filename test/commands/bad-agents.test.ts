import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli, summaryIn } from '../rigs/cli.ts';
import { preparedData, tracesIn, WORDTALLY } from '../rigs/data-folder.ts';
import { processesNaming } from '../rigs/killed-run.ts';

const AGENTS = path.join(path.dirname(import.meta.dirname), 'fixtures', 'agents');

describe('whatever an agent does is a result of a run that ends with 0 and leaves nothing', () => {
  let data = '';
  beforeAll(async () => {
    data = await preparedData('local');
  }, 300_000);
  test.each([
    ['loud', 'patch'],
    ['binary-output', 'no-patch'],
    ['leaves-children', 'patch'],
    ['ignores-term', 'timeout'],
    ['fills-disk', 'crashed'],
    ['deletes-workspace', 'patch'],
    ['breaks-git', 'patch'],
    ['links-out', 'patch'],
    ['crashes', 'crashed'],
    ['does-nothing', 'no-patch'],
  ])(
    '%s: %s',
    async (agent, outcome) => {
      const flags = [
        '--agents-dir',
        AGENTS,
        '--runtime',
        'local',
        '--data-dir',
        data,
        '--until',
        'coding_agent',
      ];
      const result = await cli(['run', WORDTALLY, '--agent', agent, ...flags, '--json']);
      const task = summaryIn(result).tasks.find(({ id }) => id === 'coding_agent');
      expect(task).toMatchObject({ state: 'completed', outcome });
      expect(result.code).toBe(0);
      expect(result.stdout.length).toBeLessThan(100_000);
      expect(tracesIn(data).filter((name) => name.includes(agent))).toEqual([]);
      expect(processesNaming(path.join(WORDTALLY, agent))).toEqual([]);
    },
    60_000,
  );

  test('a command that the sandbox does not have is a fault of the manifest: 2, and nothing is kept', async () => {
    const flags = [
      '--agents-dir',
      AGENTS,
      '--runtime',
      'local',
      '--data-dir',
      data,
      '--until',
      'coding_agent',
    ];
    const result = await cli(['run', WORDTALLY, '--agent', 'missing-command', ...flags]);
    expect(result.stderr).toContain('agent.yaml');
    expect(result.stderr).not.toMatch(/\s+at .*:\d+:\d+/);
    expect(result.code).toBe(2);
    expect(tracesIn(data).filter((name) => name.includes('missing-command'))).toEqual([]);
  }, 60_000);
});

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli } from '../rigs/cli.ts';
import { preparedData, withDownloadsOf, type Kind } from '../rigs/data-folder.ts';
import { engineSocket } from '../rigs/engine.ts';
import { commitAll, plainGit, writeFiles } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { TINY, tinyBenchmark, tinyFlags } from '../rigs/tiny-migration.ts';

const AGENTS = path.join(path.dirname(import.meta.dirname), 'fixtures', 'agents');
const reversed = (text: string): string => Array.from(text).reverse().join('');

/**
 * The tiny migration out of a repository whose history, later code and later tests hold `hidden`, and whose code
 * before holds `open`.
 */
function plantedBenchmark(dir: string, hidden: string, open: string): string {
  tinyBenchmark(dir);
  const read = (name: string): string => readFileSync(path.join(dir, name), 'utf8');
  const tests = read('before/tests/test_tally.py');
  const repo = path.join(dir, 'repo');
  mkdirSync(repo);
  plainGit(repo, 'init', '-q', '-b', 'master', '.');
  writeFiles(repo, { 'notes.txt': `${hidden}\n` });
  commitAll(repo, hidden);
  rmSync(path.join(repo, 'notes.txt'));
  writeFiles(repo, { 'tally.py': `${read('before/tally.py')}# ${open}\n`, 'tests/test_tally.py': tests });
  const before = commitAll(repo, 'before');
  writeFiles(repo, {
    'tally.py': `${read('after/tally.py')}# ${hidden}\n`,
    'tests/test_tally.py': `${tests}# ${hidden}\n`,
    [`tests/test_${hidden}.py`]: `from tally import read\n\n\ndef test_none():\n    assert read([]) == 0  # ${hidden}\n`,
  });
  const after = commitAll(repo, hidden);
  const manifest = read(`${TINY}.yaml`)
    .replace('{path: before}', `{git: repo, commit: ${before}}`)
    .replace('{path: after}', `{git: repo, commit: ${after}}`);
  writeFiles(dir, { [`${TINY}.yaml`]: `# ${hidden}\n${manifest}` });
  return dir;
}

interface Mounted {
  readonly at: string;
  readonly mode: string;
  readonly what: string;
}
interface Found {
  readonly found: readonly string[];
  readonly commits: number;
  readonly reflog: number;
  readonly reached: readonly string[];
}

describe.each([['local'], ...(engineSocket === null ? [] : [['docker']])] as [Kind][])('%s', (kind) => {
  test('an agent that searches its whole sandbox finds nothing of what is hidden, and what is not', async () => {
    const [hidden, open] = ['q7hidden5nonce3x', 'q7open5nonce3x'];
    const top = scratchFolder();
    const bench = plantedBenchmark(path.join(top, 'bench'), hidden, open);
    const data = withDownloadsOf(await preparedData(kind), path.join(top, 'data'));
    const args = [
      'run',
      TINY,
      ...tinyFlags(bench),
      '--agents-dir',
      AGENTS,
      '--runtime',
      kind,
      '--data-dir',
      data,
    ];
    const env = { HOST_SECRET: hidden, [hidden]: '1' };
    // The ground truth's own patch and scores lie in the data folder before the agent comes.
    expect(await cli([...args, '--agent', 'gold'], { env })).toMatchObject({ code: 0 });
    const search = async (needle: string) => {
      const flags = ['--agent', 'searches', '--param', `needle=${reversed(needle)}`, '--json'];
      const result = await cli([...args, ...flags, '--until', 'coding_agent'], { env });
      expect(result.code, result.stdout).toBe(0);
      const summary = JSON.parse(result.stdout.trim().split('\n').at(-1)!) as { variant: string };
      const dir = path.join(data, 'trajectories', TINY, summary.variant);
      const read = (name: string): unknown => JSON.parse(readFileSync(path.join(dir, name), 'utf8'));
      return { found: read('output/found.json') as Found, attempt: read('attempt.json') };
    };

    const { found, attempt } = await search(hidden);
    expect(found).toMatchObject({ found: [], commits: 1, reflog: 0, reached: [] });
    expect(attempt).toMatchObject({ trust: 'sealed' });
    // The environment brings its interpreter along at that one's own path.
    const { mounts, variables } = attempt as { mounts: Mounted[]; variables: string[] };
    const own = mounts.filter(({ at }) => !at.includes('python') && !at.includes('/versions/'));
    expect(own).toEqual([
      { at: '/workspace', mode: 'rw', what: 'made for this start' },
      { at: '/input', mode: 'ro', what: 'made for this start' },
      { at: '/output', mode: 'rw', what: 'made for this start' },
      { at: '/agent', mode: 'ro', what: "the agent's folder" },
      { at: '/env', mode: 'ro', what: 'the environment' },
    ]);
    const rest = mounts.filter((mount) => !own.includes(mount));
    expect(rest.filter(({ mode, what }) => mode !== 'ro' || !/interpreter|environment/.test(what))).toEqual(
      [],
    );
    expect(JSON.stringify(attempt)).not.toContain(hidden);
    expect(variables).not.toContain('HOST_SECRET');

    const control = await search(open);
    expect(control.found.found).toContain('file /workspace/tally.py');
    expect(control.found.found).toContain('git objects');
  }, 480_000);
});

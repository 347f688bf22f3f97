import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DIST } from './rigs/cli.ts';
import { preparedData, withDownloadsOf } from './rigs/data-folder.ts';
import { scratchFolder } from './rigs/scratch.ts';

test('the packed package works in an empty folder, with nothing of the repository', async () => {
  const top = scratchFolder();
  // The bundle is there already: packing must not build it again under the feet of other tests.
  const pack = ['pack', '--ignore-scripts', '--pack-destination', top, '--loglevel=error'];
  execFileSync('npm', pack, { cwd: path.dirname(DIST), stdio: 'pipe' });
  const [tarball] = readdirSync(top).filter((name) => name.endsWith('.tgz'));
  const listed = execFileSync('tar', ['tzf', path.join(top, tarball!)], { encoding: 'utf8' }).split('\n');
  expect(listed.filter((name) => /^package\/(test|data\/(?!README)|node_modules|\.)/.test(name))).toEqual([]);

  writeFileSync(path.join(top, 'package.json'), '{"private": true}\n');
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${tarball!}`];
  execFileSync('npm', install, { cwd: top, stdio: 'pipe' });
  const bin = path.join(top, 'node_modules', '.bin', 'mig-pipeline');
  const own = (...args: string[]): string =>
    execFileSync(bin, args, { cwd: top, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  expect(own('--help')).toContain('list-migrations');
  const { version } = JSON.parse(readFileSync(path.join(path.dirname(DIST), 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(own('--version').trim()).toBe(version);
  expect(own('list-migrations')).toMatch(/^optparse__argparse__local@wordtally__[0-9a-f]{8}$/m);
  expect(own('list-agents')).toContain('codemod');
  const data = withDownloadsOf(await preparedData('local'), path.join(top, 'data'));
  const out = own('run', 'wordtally', '--agent', 'noop', '--runtime', 'local', '--json');
  expect(JSON.parse(out.trim().split('\n').at(-1)!)).toMatchObject({
    event: 'summary',
    scores: {
      patch_eval: { status: 'scored', value: 0 },
      unit_test_eval: { status: 'scored', resolved: false },
    },
  });
  expect(existsSync(path.join(data, 'score'))).toBe(true);
}, 400_000);

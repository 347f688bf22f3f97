import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../rigs/scratch.ts';
import { asked, send, understood } from './asks.ts';

const command = path.join(import.meta.dirname, '..', '..', '..', 'scripts', 'scripted-model.mjs');

test(
  'the command serves a script from a file, notes each request, and ends with TERM',
  { timeout: 20_000 },
  async () => {
    const dir = scratchFolder();
    const script = path.join(dir, 'script.yaml');
    const log = path.join(dir, 'calls.jsonl');
    writeFileSync(script, 'schema: 1\nturns:\n  - shell: ls\n');
    const child = spawn(process.execPath, [command, '--script', script, '--log', log]);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const response = await send(line.toString().trim(), asked('messages', true, {}));
    expect((await understood('messages', true, response)).calls[0]).toMatchObject({ name: 'Bash' });
    const [call] = readFileSync(log, 'utf8').trim().split('\n');
    expect(JSON.parse(call!)).toMatchObject({ form: 'messages', turn: 0, answered: 'call Bash' });
    expect(JSON.parse(call!)).not.toHaveProperty('headers');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  },
);

test('a wrong script is named with its place', () => {
  const script = path.join(scratchFolder(), 'script.yaml');
  writeFileSync(script, 'schema: 1\nturns:\n  - shel: ls\n');
  const ran = spawnSync(process.execPath, [command, '--script', script], { encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 2, stdout: '' });
  expect(ran.stderr).toContain('script.yaml:3:5: turns.0.shel: unknown key');
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Remembered } from '../../src/audit/remembered.ts';
import { placesOf } from '../../src/runners/mounts.ts';
import { ANSWER, audited, readyStart } from '../rigs/audited-start.ts';
import { writeFiles } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const look = (answer = 'a', secrets: readonly string[] = []) => ({
  answer: { id: answer },
  secrets,
  findings: [] as string[],
  unlooked: [] as string[],
  files: 0,
});

test('what was clean is not looked at again, in another process neither; its facts are told', async () => {
  const folder = scratchFolder();
  let looks = 0;
  const once = async (memory: Remembered, on = look()) => {
    await memory.once(on, 'image 1', () => {
      looks++;
      on.files += 3;
      on.unlooked.push('large');
    });
    return { files: on.files, unlooked: on.unlooked };
  };
  const first = new Remembered(folder);
  const told = { files: 3, unlooked: ['large'] };
  expect([await once(first), await once(first), await once(new Remembered(folder))]).toEqual([
    told,
    told,
    told,
  ]);
  expect(looks).toBe(1);
  // another answer, other secrets, no folder: looked at anew
  await once(first, look('b'));
  await once(first, look('a', ['secret']));
  await once(new Remembered(null));
  expect(looks).toBe(4);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    expect(name).not.toContain('secret');
});

test('what gave something away, or could not be read to its end, is looked at each time', async () => {
  const memory = new Remembered(scratchFolder());
  let looks = 0;
  for (let start = 0; start < 2; start++) {
    const on = look();
    await memory.once(on, 'x', () => {
      looks++;
      on.findings.push('leak');
    });
  }
  const broken = memory.once(look(), 'y', () => Promise.reject(new Error('gone')));
  await expect(broken).rejects.toThrow('gone');
  await memory.once(look(), 'y', () => {
    looks++;
  });
  expect(looks).toBe(3);
});

test('a file that somebody spoilt is no memory', async () => {
  const folder = scratchFolder();
  await new Remembered(folder).once(look(), 'x', () => undefined);
  const [file = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  expect(JSON.parse(readFileSync(path.join(folder, file), 'utf8'))).toEqual({ files: 0, unlooked: [] });
  writeFileSync(path.join(folder, file), '{"files":');
  let looks = 0;
  await new Remembered(folder).once(look(), 'x', () => {
    looks++;
  });
  expect(looks).toBe(1);
});

test('a clean agent that was installed vouches for no other', async () => {
  const start = await readyStart();
  const memory = new Remembered(null);
  const findings = async (name: string, files: Record<string, string>) => {
    const host = path.join(start.top, 'agents-installed', name, 'prefix');
    writeFiles(host, files);
    const request = start.request();
    const places = [...request.places, ...placesOf([{ host, at: '/opt/agent', mode: 'ro' }])];
    return (await audited({ ...request, places, remembered: memory })).findings;
  };
  expect(await findings('clean-01', { 'lib/a.py': 'print(1)\n' })).toEqual([]);
  expect(await findings('other-02', { 'lib/memory.py': ANSWER.reader })).toMatchObject([
    { rule: 'answer-file', place: '/opt/agent', path: 'lib/memory.py' },
  ]);
});

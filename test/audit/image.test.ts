import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Remembered } from '../../src/audit/remembered.ts';
import { imageView } from '../../src/runners/image-files.ts';
import { ensureAgentImage } from '../../src/runners/image.ts';
import { dockerRuntime, localRuntimes } from '../rigs/agent-rig.ts';
import { ANSWER, audited, readyStart } from '../rigs/audited-start.ts';
import { engineSocket } from '../rigs/engine.ts';

test.skipIf(engineSocket === null)(
  'a layer of an agent’s image that holds the answer is found, and nothing of what the base image holds',
  { timeout: 300_000 },
  async () => {
    const runtime = await dockerRuntime();
    const start = await readyStart();
    const dir = path.join(start.top, 'image');
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'memory.txt'), ANSWER.reader);
    writeFileSync(path.join(dir, 'harmless.py'), 'print("hello")\n');
    const built = async (copied: string): Promise<string> => {
      writeFileSync(path.join(dir, 'Dockerfile'), `FROM \${BASE_IMAGE}\nCOPY ${copied} /opt/${copied}\n`);
      const made = await ensureAgentImage(runtime, { dir, dockerfile: 'Dockerfile', image: null });
      if (!made.ok) throw new Error(JSON.stringify(made.failure));
      return made.value;
    };
    const [spoilt, clean] = [await built('memory.txt'), await built('harmless.py')];
    try {
      const remembered = new Remembered(null);
      let reads = 0;
      const audit = async (image: string) => {
        const view = imageView(runtime, image);
        if (view === null) throw new Error('no image');
        const counted = { id: view.id, files: () => (reads++, view.files()) };
        return await audited({ ...start.request(), remembered, image: counted });
      };
      expect((await audit(spoilt)).findings).toMatchObject([
        { rule: 'answer-file', place: 'image', path: 'opt/memory.txt', side: 'agent' },
      ]);
      const first = await audit(clean);
      expect(first.findings).toEqual([]);
      expect(first.looked.files).toBeGreaterThan(1000);
      // the same image is not read again for the same answer; one with a finding is
      expect((await audit(clean)).looked.files).toBe(first.looked.files);
      expect(reads).toBe(2);
      await audit(spoilt);
      expect(reads).toBe(3);
    } finally {
      execFileSync('docker', ['rmi', '-f', spoilt, clean], {
        env: { ...process.env, DOCKER_HOST: engineSocket ?? '' },
        stdio: 'ignore',
      });
    }
  },
);

test('an agent without an image of its own has none to look into', async () => {
  for (const [, runtime] of localRuntimes()) expect(imageView(runtime, 'some-image')).toBeNull();
  if (engineSocket === null) return;
  const runtime = await dockerRuntime();
  expect(imageView(runtime, null)).toBeNull();
  expect(imageView(runtime, runtime.base)).toBeNull();
});

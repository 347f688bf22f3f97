import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import { sha256, writeAtomically } from '../workspace/disk.ts';
import { interpreterOf, onePerLine, PROBE, type Interpreter } from './interpreters.ts';
import { quoted, runStep, type Workshop } from './workshop.ts';

const NONE: Interpreter = { version: '0.0.0', executable: 'python3', mount: null, origin: 'image' };

/**
 * The host's interpreters and, for lines that those lack, the base image's own. The image is asked once; the
 * answer is kept by the image's digest.
 */
export async function imageInterpreter(
  mountable: readonly Interpreter[],
  workshop: (interpreter: Interpreter) => Workshop,
  cacheDir: string,
): Promise<Result<Interpreter[], Failure>> {
  const place = workshop(NONE);
  const file = path.join(cacheDir, 'image-interpreters', sha256(place.runtime.base));
  if (!existsSync(file)) {
    const asked = await runStep(place, {
      name: 'image-python',
      script: `python3 ${quoted(['-I', '-S', '-c', PROBE])} || true`,
      mounts: [],
      network: 'none',
      foreign: false,
    });
    if (!asked.ok) return asked;
    writeAtomically(file, asked.value.out);
  }
  const own = interpreterOf(readFileSync(file, 'utf8').trim().split('\n'), 'image');
  return ok(onePerLine([...mountable, ...(own === null ? [] : [own])]));
}

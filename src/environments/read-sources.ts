import { spawn } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import { hostEnvironment } from '../workspace/host-environment.ts';
import { packageRoot } from '../workspace/package-root.ts';
import type { Interpreter } from './interpreters.ts';
import type { SetupCall } from './manifests/setup-py.ts';

const textList = z.array(z.string());
const setupCall = z.strictObject({
  name: z.string().optional(),
  version: z.string().optional(),
  python_requires: z.string().optional(),
  install_requires: textList.optional(),
  requires: textList.optional(),
  tests_require: textList.optional(),
  extras_require: z.record(z.string(), textList).optional(),
  classifiers: textList.optional(),
  entry_points: z.union([z.string(), z.record(z.string(), textList)]).optional(),
});
const answerSchema = z.strictObject({
  setups: z.record(z.string(), setupCall),
  python2: textList,
  imports: z.record(z.string(), textList),
});

/** What syntax trees of Python sources say. */
export interface SourceFacts {
  readonly setups: ReadonlyMap<string, SetupCall>;
  /** Files that only Python 2 reads. */
  readonly python2: readonly string[];
  /** Modules imported anywhere in each file. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

const NOTHING: SourceFacts = { setups: new Map(), python2: [], imports: new Map() };
const TIME_LIMIT_MS = 120_000;

/**
 * Parses sources by the newest Python 3 of the host; nothing of them is run. Without one, or where it gives
 * no answer, nothing is known and readers fall back on patterns.
 */
export async function readSources(
  interpreters: readonly Interpreter[],
  setups: ReadonlyMap<string, string>,
  sources: ReadonlyMap<string, string>,
): Promise<SourceFacts> {
  const parser = [...interpreters]
    .reverse()
    .find((one) => one.version.startsWith('3.') && one.origin !== 'image');
  if (parser === undefined) return NOTHING;
  const request = JSON.stringify({
    setups: Object.fromEntries(setups),
    sources: Object.fromEntries(sources),
  });
  const script = path.join(packageRoot(), 'src', 'runners', 'python', 'read_sources.py');
  const answer = await ask(parser.executable, ['-I', '-S', '-W', 'ignore', script], request);
  if (answer === null) return NOTHING;
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return NOTHING;
  return {
    setups: new Map(Object.entries(parsed.data.setups)),
    python2: parsed.data.python2,
    imports: new Map(Object.entries(parsed.data.imports)),
  };
}

function ask(program: string, args: readonly string[], input: string): Promise<unknown> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: TIME_LIMIT_MS,
      env: { PATH: hostEnvironment()['PATH'] ?? '' },
    });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.on('error', () => {
      resolve(null);
    });
    child.stdin.on('error', () => undefined);
    child.on('close', () => {
      try {
        resolve(JSON.parse(Buffer.concat(pieces).toString('utf8')));
      } catch {
        resolve(null);
      }
    });
    child.stdin.end(input);
  });
}

import * as z from 'zod';
import type { CollectionError, TestId, TestOutcome } from '../model/tests.ts';
import { TEST_OUTCOMES } from '../model/tests.ts';

/** Path relative to the tree -> lines that were executed. */
export type ExecutedLines = Readonly<Record<string, readonly number[]>>;

const lines = z.record(z.string(), z.array(z.int()));

/** What the plug-in writes, a line an event. */
const testEvent = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('ready'), python: z.string(), pytest: z.string() }),
  z.strictObject({ event: z.literal('collecting'), file: z.string() }),
  z.strictObject({
    event: z.literal('collection_error'),
    file: z.string(),
    message: z.string(),
    failing: z.string().nullable(),
  }),
  z.strictObject({ event: z.literal('collected'), ids: z.array(z.string()) }),
  z.strictObject({ event: z.literal('loaded'), lines }),
  z.strictObject({ event: z.literal('start'), id: z.string(), done: z.int(), total: z.int() }),
  z.strictObject({
    event: z.literal('end'),
    id: z.string(),
    outcome: z.enum(TEST_OUTCOMES),
    seconds: z.number(),
    message: z.string().optional(),
    lines: lines.optional(),
  }),
  z.strictObject({ event: z.literal('finished'), code: z.int() }),
]);
export type TestEvent = z.infer<typeof testEvent>;

/** How one test ended, with what it said. */
export interface EndedTest {
  readonly outcome: TestOutcome;
  readonly seconds: number;
  readonly message: string;
  readonly lines: ExecutedLines;
}

/** What one start of the runner told before it ended. */
export interface StartReport {
  /** False: the runner itself did not come up. */
  readonly ready: boolean;
  readonly collected: readonly TestId[] | null;
  readonly ended: ReadonlyMap<TestId, EndedTest>;
  readonly collectionErrors: readonly CollectionError[];
  /** Lines that were executed while test files were loaded. */
  readonly loaded: ExecutedLines;
  /** What was under way when the stream ended. */
  readonly running: { readonly kind: 'test' | 'file'; readonly name: string } | null;
  /** pytest's exit code; null when it did not come to its end. */
  readonly finished: number | null;
}

/** The event on one line of the stream; null for a line that is not the runner's own, or cut short. */
export function parseTestEvent(line: string, nonce: string): TestEvent | null {
  if (!line.startsWith(`${nonce} `)) return null;
  try {
    const parsed = testEvent.safeParse(JSON.parse(line.slice(nonce.length + 1)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const RANK = ['passed', 'xpass', 'xfail', 'skipped', 'failed', 'error', 'timeout', 'crash'];

/** Reads the whole stream of one start. Of two tests of one id the worse outcome holds. */
export function readStart(stream: string, nonce: string): StartReport {
  let ready = false;
  let collected: readonly string[] | null = null;
  let loaded: ExecutedLines = {};
  let running: StartReport['running'] = null;
  let finished: number | null = null;
  const ended = new Map<TestId, EndedTest>();
  const collectionErrors: CollectionError[] = [];
  for (const line of stream.split('\n')) {
    const event = parseTestEvent(line, nonce);
    if (event === null) continue;
    switch (event.event) {
      case 'ready':
        ready = true;
        break;
      case 'collecting':
        running = { kind: 'file', name: event.file };
        break;
      case 'collection_error':
        collectionErrors.push({ file: event.file, failingImport: event.failing, message: event.message });
        break;
      case 'collected':
        collected = event.ids;
        running = null;
        break;
      case 'loaded':
        loaded = event.lines;
        break;
      case 'start':
        running = { kind: 'test', name: event.id };
        break;
      case 'end': {
        running = null;
        const { id, outcome, seconds, message = '', lines: executed = {} } = event;
        const earlier = ended.get(id);
        if (earlier === undefined || RANK.indexOf(outcome) > RANK.indexOf(earlier.outcome)) {
          ended.set(id, { outcome, seconds, message, lines: executed });
        }
        break;
      }
      case 'finished':
        finished = event.code;
        running = null;
        break;
    }
  }
  return { ready, collected, ended, collectionErrors, loaded, running, finished };
}

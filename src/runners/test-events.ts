import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { CollectionError, TestId, TestOutcome } from '../model/tests.ts';
import { TEST_OUTCOMES } from '../model/tests.ts';

/** Path relative to the tree -> lines that were executed. */
export type ExecutedLines = Readonly<Record<string, readonly number[]>>;

/** One contradiction between witnesses of a run: `detail` says what, in the same words every time. */
export interface Disagreement {
  readonly reason: string;
  readonly detail: string;
}

/** Something that code under test did and that an honest migration seldom does. */
export interface WatchedCode {
  readonly kind: string;
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

const lines = z.record(z.string(), z.array(z.int()));

/** What the plug-in writes, a line an event. */
const testEvent = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('falsified'), ids: z.array(z.string()) }),
  z.strictObject({ event: z.literal('alive') }),
  z.strictObject({ event: z.literal('ready'), python: z.string(), pytest: z.string() }),
  z.strictObject({ event: z.literal('collecting'), file: z.string() }),
  z.strictObject({
    event: z.literal('collection_error'),
    file: z.string(),
    message: z.string(),
    failing: z.string().nullable(),
  }),
  z.strictObject({ event: z.literal('collected'), ids: z.array(z.string()) }),
  z.strictObject({ event: z.literal('docstrings'), docstrings: z.record(z.string(), z.string()) }),
  z.strictObject({ event: z.literal('loaded'), lines }),
  z.strictObject({ event: z.literal('start'), id: z.string() }),
  z.strictObject({
    event: z.literal('end'),
    id: z.string(),
    outcome: z.enum(TEST_OUTCOMES),
    seconds: z.number(),
    message: z.string().optional(),
    lines: lines.optional(),
  }),
  z.strictObject({
    event: z.literal('watched'),
    kind: z.string(),
    path: z.string(),
    line: z.int(),
    what: z.string(),
  }),
  z.strictObject({ event: z.literal('disagreement'), reason: z.string(), detail: z.string() }),
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
  /** False: the runner itself did not come up, and nothing of the tree has run. */
  readonly ready: boolean;
  readonly collected: readonly TestId[] | null;
  readonly ended: ReadonlyMap<TestId, EndedTest>;
  readonly collectionErrors: readonly CollectionError[];
  /** Lines that were executed while test files were loaded. */
  readonly loaded: ExecutedLines;
  /** What was under way when the stream ended; `ours`: a test that we had added, or its file. */
  readonly running: { readonly kind: 'test' | 'file' | 'ours'; readonly name: string } | null;
  /** pytest's exit code; null when it did not come to its end. */
  readonly finished: number | null;
  readonly falsified: readonly TestId[];
  readonly docstrings: Readonly<Record<TestId, string>>;
  readonly watched: readonly WatchedCode[];
  /** What the stream itself contradicts, and what the runner found. */
  readonly disagreements: readonly Disagreement[];
}

/** The nonces of one start: the first life of the process, which falsifies, and the one that runs tests. */
export interface Nonces {
  readonly falsify: string;
  readonly run: string;
}

/** Takes lines of a stream one after the other; null for one that is not ours, or not in its place. */
export type EventReader = (line: string) => TestEvent | null;

/** A reader that follows the chain of seals (`mig_channel.py`) of each of the two lives. */
export function eventReader(nonces: Nonces): EventReader {
  const chains = [nonces.falsify, nonces.run].map((nonce) => ({
    hash: createHash('sha256').update(nonce),
    count: 0,
  }));
  return (line) => {
    const parts = /^(\d+) ([0-9a-f]{32}) (.*)$/.exec(line);
    if (parts === null) return null;
    const [, number, seal, text] = parts as unknown as [string, string, string, string];
    for (const chain of chains) {
      if (String(chain.count) !== number) continue;
      const next = chain.hash.copy().update(`${number} ${text}`);
      if (next.copy().digest('hex').slice(0, 32) !== seal) continue;
      chain.hash = next;
      chain.count++;
      return parsedEvent(text);
    }
    return null;
  };
}

function parsedEvent(text: string): TestEvent | null {
  try {
    const parsed = testEvent.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const RANK = ['passed', 'xpass', 'xfail', 'skipped', 'failed', 'error', 'timeout', 'crash'];

/** Reads the whole stream of one start. Of two tests of one id the worse outcome holds. */
export function readStart(stream: string, nonces: Nonces): StartReport {
  const read = eventReader(nonces);
  const report = {
    ready: false,
    collected: null as readonly string[] | null,
    ended: new Map<TestId, EndedTest>(),
    collectionErrors: [] as CollectionError[],
    loaded: {} as ExecutedLines,
    running: null as StartReport['running'],
    finished: null as number | null,
    falsified: [] as readonly string[],
    docstrings: {} as Readonly<Record<TestId, string>>,
    watched: [] as WatchedCode[],
    disagreements: [] as Disagreement[],
  };
  const disagree = (reason: string, detail: string): void => {
    if (!report.disagreements.some((known) => known.reason === reason && known.detail === detail))
      report.disagreements.push({ reason, detail });
  };
  let begun = false;
  let expected: ReadonlySet<TestId> = new Set();
  const texts = stream.split('\n');
  // what follows the last line break was cut short by the end of the process
  texts.pop();
  for (const line of texts) {
    const event = read(line);
    if (event === null) {
      // what the interpreter's own start wrote stands before our first line
      if (begun) disagree('channel', 'a line of the results is not the runner’s own, or not in its place');
      continue;
    }
    begun = true;
    if (report.finished !== null) disagree('order', 'events after the end');
    switch (event.event) {
      case 'falsified':
        report.falsified = event.ids;
        break;
      // only a sign of life, where a loaded machine takes long
      case 'alive':
        break;
      case 'ready':
        report.ready = true;
        break;
      case 'collecting':
        report.running = { kind: 'file', name: event.file };
        break;
      case 'collection_error':
        report.collectionErrors.push({
          file: event.file,
          failingImport: event.failing,
          message: event.message,
        });
        break;
      case 'collected':
        report.running = null;
        if (report.collected !== null) {
          disagree('order', 'tests were collected twice');
          break;
        }
        report.collected = event.ids;
        expected = new Set(event.ids);
        break;
      case 'docstrings':
        report.docstrings = event.docstrings;
        break;
      case 'loaded':
        report.loaded = event.lines;
        break;
      case 'watched':
        report.watched.push({ kind: event.kind, path: event.path, line: event.line, what: event.what });
        break;
      case 'disagreement':
        disagree(event.reason, event.detail);
        break;
      case 'start':
        if (report.running !== null) disagree('order', `a test started inside another: ${event.id}`);
        if (!expected.has(event.id)) disagree('order', `a test started that was not collected: ${event.id}`);
        report.running = { kind: 'test', name: event.id };
        break;
      case 'end': {
        if (report.running?.kind !== 'test' || report.running.name !== event.id) {
          disagree('order', `a test ended that had not started: ${event.id}`);
          break;
        }
        report.running = null;
        const { id, outcome, seconds, message = '', lines: executed = {} } = event;
        const earlier = report.ended.get(id);
        if (earlier === undefined || RANK.indexOf(outcome) > RANK.indexOf(earlier.outcome)) {
          report.ended.set(id, { outcome, seconds, message, lines: executed });
        }
        break;
      }
      case 'finished':
        if (report.running?.kind === 'test')
          disagree('order', `the run ended inside a test: ${report.running.name}`);
        report.finished = event.code;
        report.running = null;
        break;
    }
  }
  return report;
}

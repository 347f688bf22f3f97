import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { nearestRequest } from './nearest-request.ts';
import { bytesKept, INDEX, indexLine, recordedExchange, type RecordedExchange } from './recorded.ts';
import { digestsOf, RULES, type RequestDigests } from './request-form.ts';
import type { Question, Reply, Source } from './source.ts';

interface Entry extends RequestDigests {
  readonly file: string;
  used: boolean;
}

/**
 * Answers from a recording: from the folder of this start's name, or, where there is none, from all starts in the
 * recording. Equal requests are answered in recorded order, and when all are used by the last. Throws, with the file,
 * what cannot be read.
 */
export function openReplay(folder: string, name: string): Source {
  const own = path.join(folder, name);
  const entries = existsSync(own) ? entriesOf(own) : startsIn(folder).flatMap(entriesOf);
  if (entries.length === 0) throw new Error('no recorded calls');
  const exact = grouped(entries, ({ exact: digest }) => digest);
  const steady = grouped(entries, ({ steady: digest }) => digest);
  return {
    ask(question) {
      const digests = digestsOf(question.target, question.kept());
      const entry = next(exact.get(digests.exact)) ?? next(steady.get(digests.steady));
      if (entry === undefined) return Promise.resolve(unseen(question, entries));
      entry.used = true;
      return Promise.resolve(replyOf(read(entry.file)));
    },
  };
}

function startsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/\.\d+$/.test(entry.name))
    .map(({ name }) => path.join(folder, name))
    .sort();
}

/** The files decide; the index saves reading them. */
function entriesOf(folder: string): Entry[] {
  const index = path.join(folder, INDEX);
  const known = new Map<string, RequestDigests>();
  for (const line of existsSync(index) ? readFileSync(index, 'utf8').split('\n') : []) {
    const read = indexLine.safeParse(jsonOf(line));
    if (read.success && read.data.rules === RULES) known.set(read.data.file, read.data);
  }
  return readdirSync(folder)
    .filter((name) => /^\d+\.json$/.test(name))
    .sort((a, b) => Number.parseInt(a) - Number.parseInt(b))
    .map((name) => {
      const file = path.join(folder, name);
      const digests = known.get(name) ?? digestsFrom(read(file));
      return { file, exact: digests.exact, steady: digests.steady, used: false };
    });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function digestsFrom({ target, body }: RecordedExchange): RequestDigests {
  return digestsOf(target, body);
}

function read(file: string): RecordedExchange {
  const parsed = recordedExchange.safeParse(jsonOf(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${file}: "${issue?.path.join('.') ?? ''}" ${issue?.message ?? ''}`);
}

function grouped(entries: readonly Entry[], by: (entry: Entry) => string): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) groups.set(by(entry), [...(groups.get(by(entry)) ?? []), entry]);
  return groups;
}

function next(entries: readonly Entry[] | undefined): Entry | undefined {
  return entries?.find(({ used }) => !used) ?? entries?.at(-1);
}

function replyOf(recorded: RecordedExchange): Reply {
  const { status, headers, gaveUp } = recorded;
  const tried = { attempts: 1, waitedMs: 0 };
  if (gaveUp !== null) return { kind: 'gave-up', status, message: gaveUp, ...tried };
  const body = bytesKept(recorded.answer);
  if (!recorded.streamed) return { kind: 'whole', status, headers, body, ...tried };
  return { kind: 'stream', status, headers, pieces: piecesOf(body, recorded.ended === 'cut'), ...tried };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous by its type
async function* piecesOf(body: Buffer, cut: boolean): AsyncIterable<Buffer> {
  yield body;
  if (cut) throw new Error('the recorded answer ends here');
}

function unseen(question: Question, entries: readonly Entry[]): Reply {
  const tried = { attempts: 1, waitedMs: 0 };
  const endpoint = question.target;
  const all = entries.map(({ file }) => read(file));
  const alike = all.filter(({ target }) => target === endpoint);
  const nearest = nearestRequest(question.kept(), alike.length > 0 ? alike : all);
  if (nearest === undefined) return { kind: 'unseen', message: 'nothing was recorded', ...tried };
  const { request, difference } = nearest;
  const { path: where, recorded = 'nothing', asked = 'nothing' } = difference;
  const what =
    where === ''
      ? `it went to ${request.target}, this one to ${endpoint}`
      : `at ${where} it has ${recorded}, this one ${asked}`;
  return {
    kind: 'unseen',
    message: `this request was not recorded. The nearest is number ${request.n}: ${what}`,
    ...tried,
  };
}

import type { PipelineEvent } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import { summaryLines } from '../report/run-summary.ts';
import { LiveConsole } from './live-console.ts';
import type { LineStream } from './ndjson.ts';
import type { EventSink } from './sink.ts';
import { staleSentence } from './stale-sentence.ts';
import { endText, isBad, TASK_WIDTH } from './task-words.ts';
import { oneLine, painter, type Paint, type ProgressStream } from './terminal.ts';

export interface ConsoleOptions {
  /** Standard error: progress, warnings. */
  readonly progress: ProgressStream;
  /** Standard output: results alone. */
  readonly results: LineStream;
  /** Only what went wrong, and the result. */
  readonly quiet?: boolean;
  /** Also why each task runs, and everything that it does. */
  readonly verbose?: boolean;
  /** `NO_COLOR` and `TERM` are looked at. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly now?: () => number;
}

type Summary = Extract<PipelineEvent, { event: 'summary' }>;

/** Without a terminal, a task that says what it is doing is heard this often. */
const SAY_EVERY_MS = 15_000;

/** The console: live state per task on a terminal, plain lines anywhere else. */
export function consoleSink(options: ConsoleOptions): EventSink {
  const env = options.env ?? {};
  const terminal = options.progress.isTTY === true && env['TERM'] !== 'dumb';
  const paint = painter(terminal && (env['NO_COLOR'] ?? '') === '');
  const results = (event: Summary) => {
    options.results.write(`${summaryLines(event).join('\n')}\n`);
  };
  if (terminal && options.quiet !== true) return new LiveConsole(options, paint, results);
  return new PlainConsole(options, paint, results);
}

class PlainConsole implements EventSink {
  readonly #options: ConsoleOptions;
  readonly #paint: Paint;
  readonly #results: (event: Summary) => void;
  readonly #said = new Map<TaskId, number>();

  constructor(options: ConsoleOptions, paint: Paint, results: (event: Summary) => void) {
    this.#options = options;
    this.#paint = paint;
    this.#results = results;
  }

  emit(event: PipelineEvent): void {
    const { quiet, verbose } = this.#options;
    switch (event.event) {
      case 'run-start':
        return;
      case 'task-start':
        this.#said.set(event.task, event.at);
        if (quiet !== true) this.#say(event.task, `running: ${staleSentence(event.reason, event.changes)}`);
        return;
      case 'task-progress': {
        const heard = event.at - (this.#said.get(event.task) ?? 0) < SAY_EVERY_MS;
        if (quiet === true || (heard && verbose !== true)) return;
        this.#said.set(event.task, event.at);
        this.#say(event.task, event.doing);
        return;
      }
      case 'task-end':
        if (quiet !== true || isBad(event.state)) this.#say(event.task, endText(event));
        return;
      case 'warning':
        this.#line(this.#paint(`warning: ${oneLine(event.message)}`, 'warn'));
        return;
      case 'error':
        this.#line(this.#paint(`error: ${oneLine(event.message)}`, 'bad'));
        return;
      case 'summary':
        this.#results(event);
    }
  }

  close(): void {
    return;
  }

  #say(task: TaskId, text: string): void {
    this.#line(`${task.padEnd(TASK_WIDTH)}  ${oneLine(text)}`);
  }

  #line(text: string): void {
    this.#options.progress.write(`${text}\n`);
  }
}

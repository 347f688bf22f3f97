import type { PipelineEvent } from '../model/events.ts';
import type { StandIn } from '../model/validation.ts';
import type { EventSink } from './sink.ts';
import { staleSentence } from './stale-sentence.ts';
import { endText, isBad, secondsText } from './task-words.ts';
import { fit, LiveBlock, oneLine, painter, type Paint, type ProgressStream } from './terminal.ts';

export interface ValidationProgressOptions {
  /** Standard error. */
  readonly stream: ProgressStream;
  /** How many migrations there are. */
  readonly total: number;
  readonly quiet: boolean;
  /** Also every task. */
  readonly verbose: boolean;
  /** `NO_COLOR` and `TERM` are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Row {
  readonly sinceMs: number;
  /** `gold eval_test` -> what it is doing. */
  readonly doing: Map<string, string>;
}

/**
 * What several migrations are doing at once, for people: a line each while they run on a terminal, else a line when
 * work on one begins and one when it ends. What was there already is not spoken of.
 */
export class ValidationProgress {
  readonly #options: ValidationProgressOptions;
  readonly #paint: Paint;
  readonly #block: LiveBlock | null;
  readonly #rows = new Map<string, Row>();
  readonly #redraw = (): void => {
    this.#draw();
  };
  #timer: NodeJS.Timeout | undefined;
  #done = 0;

  constructor(options: ValidationProgressOptions) {
    this.#options = options;
    const terminal = options.stream.isTTY === true && options.env['TERM'] !== 'dumb';
    this.#paint = painter(terminal && (options.env['NO_COLOR'] ?? '') === '');
    this.#block = terminal && !options.quiet ? new LiveBlock(options.stream) : null;
  }

  /** The events of one stand-in's run. */
  sinkOf(id: string, standIn: StandIn): EventSink {
    return {
      emit: (event) => {
        this.#take(id, standIn, event);
      },
      close: () => undefined,
    };
  }

  /** Says how a migration ended; nothing where nothing was run for it. */
  end(id: string, text: string, isGood: boolean): void {
    this.#done += 1;
    const row = this.#rows.get(id);
    this.#rows.delete(id);
    if (row !== undefined && !this.#options.quiet) {
      const seconds = secondsText((Date.now() - row.sinceMs) / 1000);
      this.#say(this.#paint(`${id}: ${oneLine(text)}  ${seconds}`, isGood ? 'good' : 'warn'));
    }
    this.#draw();
  }

  warn(text: string): void {
    this.#say(this.#paint(`warning: ${oneLine(text)}`, 'warn'));
  }

  /** Takes the live lines off the screen: the table says it all. */
  close(): void {
    clearInterval(this.#timer);
    this.#options.stream.off?.('resize', this.#redraw);
    this.#block?.draw([]);
    this.#block?.settle();
  }

  #take(id: string, standIn: StandIn, event: PipelineEvent): void {
    switch (event.event) {
      case 'task-start': {
        const row = this.#rowOf(id);
        row.doing.set(`${standIn} ${event.task}`, '');
        if (this.#options.verbose)
          this.#say(
            `${id}: ${standIn} ${event.task}: ${oneLine(staleSentence(event.reason, event.changes))}`,
          );
        break;
      }
      case 'task-progress':
        this.#rowOf(id).doing.set(`${standIn} ${event.task}`, oneLine(event.doing));
        if (this.#options.verbose) this.#say(`${id}: ${standIn} ${event.task}: ${oneLine(event.doing)}`);
        break;
      case 'task-end':
        this.#rows.get(id)?.doing.delete(`${standIn} ${event.task}`);
        if (this.#options.verbose && (event.state !== 'cached' || isBad(event.state)))
          this.#say(`${id}: ${standIn} ${event.task}: ${oneLine(endText(event))}`);
        break;
      case 'warning':
        this.warn(event.message);
        break;
      case 'run-start':
      case 'error':
      case 'summary':
        return;
    }
    this.#draw();
  }

  #rowOf(id: string): Row {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const made: Row = { sinceMs: Date.now(), doing: new Map() };
    this.#rows.set(id, made);
    if (this.#block === null && !this.#options.quiet) this.#say(`${id}: running`);
    if (this.#block !== null && this.#timer === undefined) {
      this.#timer = setInterval(this.#redraw, 1000);
      this.#timer.unref();
      this.#options.stream.on?.('resize', this.#redraw);
    }
    return made;
  }

  #say(text: string): void {
    if (this.#block === null) this.#options.stream.write(`${text}\n`);
    else this.#block.above(text);
  }

  #draw(): void {
    if (this.#block === null || this.#timer === undefined) return;
    const { columns } = this.#block;
    const rows = [...this.#rows].map(([id, { sinceMs, doing }]) => {
      const seconds = secondsText(Math.floor((Date.now() - sinceMs) / 1000)).replace('.0', '');
      const now = [...doing].map(([name, what]) => (what === '' ? name : `${name}: ${what}`)).join(', ');
      const plain = fit(`▸ ${id}  ${seconds}  ${now}`, columns - 1);
      return { plain, painted: plain };
    });
    const plain = fit(`  ${this.#done} of ${this.#options.total} done`, columns - 1);
    this.#block.draw([...rows, { plain, painted: this.#paint(plain, 'dim') }]);
  }
}

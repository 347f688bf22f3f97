import type { PipelineEvent, TaskState } from '../model/events.ts';
import { TASK_IDS, type TaskId } from '../model/ids.ts';
import type { EventSink } from './sink.ts';
import { staleSentence } from './stale-sentence.ts';
import { fit, LiveBlock, oneLine, type Paint, type ProgressStream } from './terminal.ts';
import { endText, isBad, secondsText, TASK_WIDTH } from './task-words.ts';

type Summary = Extract<PipelineEvent, { event: 'summary' }>;

interface Line {
  state: TaskState;
  text: string;
  sinceMs: number;
}

const MARKS: Readonly<Record<TaskState, readonly [string, Parameters<Paint>[1]]>> = {
  pending: ['·', 'dim'],
  running: ['▸', 'bold'],
  completed: ['✓', 'good'],
  cached: ['✓', 'dim'],
  failed: ['✗', 'bad'],
  skipped: ['-', 'warn'],
  cancelled: ['-', 'warn'],
};

/** The terminal's form: a line a task, redrawn in place once a second and at every change. */
export class LiveConsole implements EventSink {
  readonly #stream: ProgressStream;
  readonly #verbose: boolean;
  readonly #now: () => number;
  readonly #paint: Paint;
  readonly #results: (event: Summary) => void;
  readonly #block: LiveBlock;
  readonly #lines = new Map<TaskId, Line>();
  readonly #redraw = () => this.#draw();
  #timer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(
    options: { readonly progress: ProgressStream; readonly verbose?: boolean; readonly now?: () => number },
    paint: Paint,
    results: (event: Summary) => void,
  ) {
    this.#stream = options.progress;
    this.#verbose = options.verbose === true;
    this.#now = options.now ?? Date.now;
    this.#paint = paint;
    this.#results = results;
    this.#block = new LiveBlock(options.progress);
    for (const id of TASK_IDS) this.#lines.set(id, { state: 'pending', text: '', sinceMs: 0 });
  }

  emit(event: PipelineEvent): void {
    switch (event.event) {
      case 'run-start': {
        const { id, agent, runtime } = event;
        const where = runtime === null ? '' : ` (${runtime})`;
        this.#above(this.#paint(`${id}  ${agent}${where}`, 'bold'));
        this.#stream.on?.('resize', this.#redraw);
        this.#timer = setInterval(this.#redraw, 1000);
        this.#timer.unref();
        return;
      }
      case 'task-start': {
        const why = staleSentence(event.reason, event.changes);
        if (this.#verbose) this.#above(`${event.task}: ${oneLine(why)}`);
        this.#lines.set(event.task, { state: 'running', text: '', sinceMs: event.at });
        break;
      }
      case 'task-progress': {
        const line = this.#lines.get(event.task);
        if (line !== undefined) line.text = oneLine(event.doing);
        if (this.#verbose) this.#above(`${event.task}: ${oneLine(event.doing)}`);
        break;
      }
      case 'task-end':
        this.#lines.set(event.task, { state: event.state, text: oneLine(endText(event)), sinceMs: 0 });
        // The block shows one line of it; a reason is often longer.
        if (isBad(event.state)) this.#above(`${event.task}: ${oneLine(endText(event))}`);
        break;
      case 'warning':
        this.#above(this.#paint(`warning: ${oneLine(event.message)}`, 'warn'));
        break;
      case 'error':
        this.#above(this.#paint(`error: ${oneLine(event.message)}`, 'bad'));
        break;
      case 'summary':
        this.close();
        this.#results(event);
        return;
    }
    this.#draw();
  }

  /** The last state stays on the screen. */
  close(): void {
    clearInterval(this.#timer);
    this.#stream.off?.('resize', this.#redraw);
    if (this.#settled) return;
    this.#draw();
    this.#settled = true;
    this.#block.settle();
  }

  #above(text: string): void {
    this.#block.above(text);
  }

  #draw(): void {
    if (this.#settled) return;
    const lines = [...this.#lines].map(([id, line]) => {
      const [mark, style] = MARKS[line.state];
      const rest = fit(`${id.padEnd(TASK_WIDTH)}  ${this.#textOf(line)}`, this.#block.columns - 3);
      const painted = line.state === 'pending' ? this.#paint(`${mark} ${rest}`, 'dim') : undefined;
      return { plain: `${mark} ${rest}`, painted: painted ?? `${this.#paint(mark, style)} ${rest}` };
    });
    this.#block.draw(lines);
  }

  #textOf(line: Line): string {
    if (line.state === 'pending') return 'pending';
    if (line.state !== 'running') return line.text;
    const seconds = secondsText(Math.max(0, Math.floor((this.#now() - line.sinceMs) / 1000)));
    return `running  ${seconds.replace('.0', '')}${line.text === '' ? '' : `  ${line.text}`}`;
  }
}

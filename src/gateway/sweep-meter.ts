import { randomBytes } from 'node:crypto';
import type { GatewayFailure } from '../model/failures/gateway.ts';
import type { BudgetLimits } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { ownerLives, thisProcess } from '../workspace/process-owner.ts';
import { DUST, firstReached, KINDS, type Cost, type Meter, type Spent, type Ticket } from './meter.ts';
import { SweepBook, type OpenCall } from './sweep-book.ts';
import { TIMES } from './times.ts';

/** How often a call that waits looks whether another process is done. */
const LOOK_MS = 200;

/**
 * What all processes of one sweep spend together: each call asks, starts and ends by a line in one file, and waits for
 * those that asked before it where they might not fit together. So at most one call of all runs over a ceiling, where
 * the file system appends lines whole. A call whose process died counts as what it may have cost at most.
 */
export class SweepMeter implements Meter {
  readonly scope = 'sweep';
  readonly name: string;
  readonly limits: BudgetLimits;
  private readonly book: SweepBook;
  private readonly by = randomBytes(8).toString('hex');
  private readonly calls = new Map<Ticket, string>();
  private readonly wakers = new Set<() => void>();
  private introduced = false;
  private asked = 0;
  private clock: NodeJS.Timeout | undefined;

  constructor(name: string, limits: BudgetLimits, book: SweepBook) {
    this.name = name;
    this.limits = limits;
    this.book = book;
  }

  get spent(): Cost {
    this.book.read();
    const started = [...this.book.open.values()].filter((call) => call.started).length;
    const { usd, tokens, calls } = this.book.total;
    return { usd, tokens, calls: calls + started };
  }

  reached(): Spent | null {
    const spent = firstReached(this);
    return spent === null ? null : { ...spent, sweep: this.name };
  }

  mayStart(ticket: Ticket): boolean {
    const id = this.calls.get(ticket) ?? this.ask(ticket);
    this.book.read();
    this.settleForTheDead();
    // what was spent since it last asked is for `reached` to tell
    if (firstReached(this) !== null) {
      this.wakeSoon(0);
      return false;
    }
    const before: OpenCall[] = [];
    for (const call of this.book.open.values()) {
      if (call.id === id) break;
      before.push(call);
    }
    return before.length === 0 || this.fits([...before.map(({ upper }) => upper), ticket.upper]);
  }

  start(ticket: Ticket): void {
    const call = this.calls.get(ticket);
    if (call !== undefined) this.book.write({ event: 'starts', call });
  }

  settle(ticket: Ticket, { usd, tokens }: Omit<Cost, 'calls'>): void {
    const call = this.calls.get(ticket);
    if (call === undefined) return;
    this.calls.delete(ticket);
    this.book.write({ event: 'ends', call, usd, tokens });
    this.wake();
  }

  leave(ticket: Ticket): void {
    const call = this.calls.get(ticket);
    if (call === undefined || this.book.open.get(call)?.started === true) return;
    this.calls.delete(ticket);
    this.book.write({ event: 'leaves', call });
    this.wake();
  }

  onChange(waker: () => void): () => void {
    this.wakers.add(waker);
    this.wakeSoon(LOOK_MS);
    return () => this.wakers.delete(waker);
  }

  problem(): { readonly file: string; readonly detail: string } | null {
    const { file, problem } = this.book;
    return problem === null ? null : { file, detail: problem };
  }

  private ask(ticket: Ticket): string {
    const { by } = this;
    const call = `${by}-${++this.asked}`;
    const { usd, tokens } = ticket.upper;
    if (!this.introduced) this.book.write({ event: 'process', by, owner: thisProcess() });
    this.introduced = true;
    this.calls.set(ticket, call);
    this.book.write({ event: 'wants', call, by, at: Date.now(), usd, tokens });
    return call;
  }

  private fits(costs: readonly Cost[]): boolean {
    return KINDS.every((kind) => {
      const limit = this.limits[kind];
      const sum = costs.reduce((all, cost) => all + cost[kind], this.book.total[kind]);
      return limit === null || sum <= limit + DUST;
    });
  }

  /** Whoever finds them writes it; what is written twice counts once. */
  private settleForTheDead(): void {
    const lives = new Map<string, boolean>();
    for (const { id, by, at, upper, started } of [...this.book.open.values()]) {
      if (by === this.by) continue;
      const owner = this.book.owners.get(by);
      // of another machine's process nothing is known but that no call takes longer
      const alive =
        lives.get(by) ??
        (owner !== undefined && ownerLives(owner, thisProcess(), at + TIMES.wholeCallMs, Date.now()));
      lives.set(by, alive);
      if (alive) continue;
      const { usd, tokens } = upper;
      this.book.write(started ? { event: 'ends', call: id, usd, tokens } : { event: 'leaves', call: id });
    }
  }

  private wakeSoon(ms: number): void {
    if (this.clock !== undefined && ms > 0) return;
    clearTimeout(this.clock);
    this.clock = setTimeout(() => {
      this.clock = undefined;
      this.wake();
    }, ms);
  }

  private wake(): void {
    const wakers = [...this.wakers];
    this.wakers.clear();
    for (const waker of wakers) waker();
  }
}

/** The count of a sweep, whose file is made where it is not. */
export function openSweep(
  name: string,
  limits: BudgetLimits,
  file: string,
): Result<SweepMeter, GatewayFailure> {
  let detail: string | null;
  try {
    const book = new SweepBook(file);
    if (book.problem === null) return ok(new SweepMeter(name, limits, book));
    detail = book.problem;
    book.close();
  } catch (error) {
    detail = error instanceof Error ? error.message : String(error);
  }
  return fail({ class: 'infra', reason: 'gateway-folder-unusable', folder: file, detail });
}

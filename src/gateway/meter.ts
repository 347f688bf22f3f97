import type { BudgetLimits, BudgetScope } from '../model/model-calls.ts';

/** What calls cost, or may cost. */
export interface Cost {
  readonly usd: number;
  readonly tokens: number;
  readonly calls: number;
}

export interface Spent {
  readonly scope: BudgetScope;
  readonly kind: keyof Cost;
  readonly limit: number;
  /** Name of the sweep, where its ceiling was it. */
  readonly sweep?: string;
}

/** A call that wants to be admitted; `number` orders those that wait. */
export interface Ticket {
  readonly number: number;
  /** At most this much will be spent. */
  readonly upper: Cost;
}

/**
 * What one scope has spent, and its ceilings. One object for all doors of this process that share the scope.
 *
 * At most one call runs over a ceiling: calls whose upper estimates fit together go at once; one that could pass a
 * ceiling goes alone, when nothing else is in flight, and beside it nothing fits.
 */
export interface Meter {
  readonly scope: BudgetScope;
  readonly limits: BudgetLimits;
  /** What is spent: settled calls, those without counts by their upper estimate; `calls` in flight too. */
  readonly spent: Cost;
  /** The first ceiling that is reached; null: none. */
  reached(): Spent | null;
  /** Whether a call may start now as far as this scope goes; one that has to wait keeps its turn. */
  mayStart(ticket: Ticket): boolean;
  start(ticket: Ticket): void;
  /** The call ended and cost this much. */
  settle(ticket: Ticket, cost: Omit<Cost, 'calls'>): void;
  /** Keeps no turn any longer: those behind it may go. */
  leave(ticket: Ticket): void;
  /** Has `waker` called, once, when something changed; answers how to take that back. */
  onChange(waker: () => void): () => void;
  /** What could not be counted where others see it; null: nothing. */
  problem(): { readonly file: string; readonly detail: string } | null;
}

export const KINDS = ['calls', 'tokens', 'usd'] as const;
/** Sums of binary fractions may miss a ceiling by dust. */
export const DUST = 1e-9;

/** Counts in the memory of this process. */
export class OwnMeter implements Meter {
  readonly scope: BudgetScope;
  readonly limits: BudgetLimits;
  private total: Cost;
  private readonly flying = new Set<Ticket>();
  private readonly waiting = new Set<Ticket>();
  private readonly wakers = new Set<() => void>();

  /** `already`: what was spent before this process began. */
  constructor(scope: BudgetScope, limits: BudgetLimits, already: Cost = { usd: 0, tokens: 0, calls: 0 }) {
    this.scope = scope;
    this.limits = limits;
    this.total = already;
  }

  get spent(): Cost {
    return { ...this.total, calls: this.total.calls + this.flying.size };
  }

  reached(): Spent | null {
    return firstReached(this);
  }

  problem(): null {
    return null;
  }

  mayStart(ticket: Ticket): boolean {
    const earlier = [...this.waiting].some(({ number }) => number < ticket.number);
    const may = !earlier && (this.fits(ticket) || this.flying.size === 0);
    if (may) this.leave(ticket);
    else this.waiting.add(ticket);
    return may;
  }

  start(ticket: Ticket): void {
    this.flying.add(ticket);
  }

  settle(ticket: Ticket, cost: Omit<Cost, 'calls'>): void {
    this.flying.delete(ticket);
    const { usd, tokens, calls } = this.total;
    this.total = { usd: usd + cost.usd, tokens: tokens + cost.tokens, calls: calls + 1 };
    this.wake();
  }

  leave(ticket: Ticket): void {
    if (this.waiting.delete(ticket)) this.wake();
  }

  onChange(waker: () => void): () => void {
    this.wakers.add(waker);
    return () => this.wakers.delete(waker);
  }

  private wake(): void {
    const wakers = [...this.wakers];
    this.wakers.clear();
    for (const waker of wakers) waker();
  }

  private fits(ticket: Ticket): boolean {
    return KINDS.every((kind) => {
      const limit = this.limits[kind];
      if (limit === null || kind === 'calls') return true;
      let sum = this.total[kind] + ticket.upper[kind];
      for (const other of this.flying) sum += other.upper[kind];
      return sum <= limit + DUST;
    });
  }
}

/** The first ceiling that what is spent has reached. */
export function firstReached({
  scope,
  limits,
  spent,
}: Pick<Meter, 'scope' | 'limits' | 'spent'>): Spent | null {
  for (const kind of KINDS) {
    const limit = limits[kind];
    if (limit !== null && spent[kind] >= limit - DUST) return { scope, kind, limit };
  }
  return null;
}

let tickets = 0;

export function ticketFor(upper: Omit<Cost, 'calls'>): Ticket {
  return { number: ++tickets, upper: { ...upper, calls: 1 } };
}

/**
 * Waits until every scope lets the call start, and starts it in all of them. Answers the ceiling that is reached
 * instead, or `gone` when `signal` fires first.
 */
export async function admit(
  meters: readonly Meter[],
  ticket: Ticket,
  signal: AbortSignal,
): Promise<'started' | 'gone' | Spent> {
  try {
    for (;;) {
      if (signal.aborted) return 'gone';
      for (const meter of meters) {
        const spent = meter.reached();
        if (spent !== null) return spent;
      }
      // every scope is asked, so that the call has its turn in each that it waits for
      const may = meters.map((meter) => meter.mayStart(ticket));
      if (may.every(Boolean)) break;
      // and where it could go now it holds up nobody while it waits elsewhere
      for (const [index, meter] of meters.entries()) if (may[index] === true) meter.leave(ticket);
      await changeOf(meters, signal);
    }
    for (const meter of meters) meter.start(ticket);
    return 'started';
  } finally {
    for (const meter of meters) meter.leave(ticket);
  }
}

function changeOf(meters: readonly Meter[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const takeBack: (() => void)[] = [];
    const done = (): void => {
      signal.removeEventListener('abort', done);
      for (const undo of takeBack) undo();
      resolve();
    };
    signal.addEventListener('abort', done);
    for (const meter of meters) takeBack.push(meter.onChange(done));
  });
}

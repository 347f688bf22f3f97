import type { LedgerSummary, TokenUsage } from '../model/model-calls.ts';
import type { ExchangeLine } from './exchange.ts';
import type { Spent } from './meter.ts';
import { rounded } from './money.ts';
import { addUsage, NO_USAGE } from './usage.ts';

interface ModelSum {
  calls: number;
  usage: TokenUsage;
  usd: number | null;
}

/** Adds up what a start did; every line once. */
export class LedgerSum {
  private calls = 0;
  private answered = 0;
  private readonly refused = new Map<string, number>();
  private readonly models = new Map<string, ModelSum>();
  private readonly unmetered = { calls: 0, tokens: 0, usd: 0 };
  private refusals = 0;
  private empty = 0;
  private toolCalls = 0;
  private last: LedgerSummary['last'] = null;
  private lastEnd = -Infinity;
  private budget: LedgerSummary['budget'] = null;
  private unseen = 0;
  private seconds = 0;
  private waitedSeconds = 0;

  add(line: ExchangeLine): void {
    if (line.endpoint === 'count-tokens' && line.refused === null) return;
    const { ended } = line;
    const failed = ended === 'error' && line.refused === null;
    const status = failed ? (line.providerStatus ?? 0) : line.status;
    const end = Date.parse(line.at) + line.seconds * 1000;
    if (end >= this.lastEnd) {
      this.lastEnd = end;
      this.last = { ended, status, message: line.error ?? '' };
    }
    if (line.refused === 'unseen') this.unseen++;
    else if (line.refused !== null) this.refuse(line.refused);
    if (line.refused !== null || line.model === null) return;
    this.calls++;
    if (ended === 'answered') this.answered++;
    if (line.refusal) this.refusals++;
    if (line.empty) this.empty++;
    this.toolCalls += line.toolCalls;
    this.seconds += line.seconds;
    this.waitedSeconds += line.waitedSeconds;
    if (line.estimate !== null) {
      this.unmetered.calls++;
      this.unmetered.tokens += line.estimate.tokens;
      this.unmetered.usd += line.estimate.usd;
    }
    this.addModel(line.model, line);
  }

  /** A request that was turned away before it was a call. */
  refuse(reason: string): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  /** The first ceiling counts. */
  met(spent: Spent): void {
    this.budget ??= { ...spent };
  }

  summary(): LedgerSummary {
    const sums = [...this.models.values()];
    const unpriced = sums.some(({ usd }) => usd === null);
    return {
      schema: 1,
      calls: this.calls,
      answered: this.answered,
      refused: Object.fromEntries(this.refused),
      usage: sums.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
      usd: unpriced ? null : rounded(sums.reduce((sum, { usd }) => sum + (usd ?? 0), 0)),
      unmetered: { ...this.unmetered, usd: rounded(this.unmetered.usd) },
      models: Object.fromEntries(
        [...this.models].map(([name, sum]) => [
          name,
          { ...sum, usd: sum.usd === null ? null : rounded(sum.usd) },
        ]),
      ),
      refusals: this.refusals,
      empty: this.empty,
      toolCalls: this.toolCalls,
      last: this.last,
      budget: this.budget,
      unseen: this.unseen,
      seconds: seconds(this.seconds),
      waitedSeconds: seconds(this.waitedSeconds),
    };
  }

  private addModel(name: string, { usage, usd }: ExchangeLine): void {
    const sum = this.models.get(name) ?? { calls: 0, usage: NO_USAGE, usd: 0 };
    const unpriced = sum.usd === null || (usage !== null && usd === null);
    this.models.set(name, {
      calls: sum.calls + 1,
      usage: addUsage(sum.usage, usage ?? NO_USAGE),
      usd: unpriced ? null : (sum.usd ?? 0) + (usd ?? 0),
    });
  }
}

/** To a thousandth. */
export function seconds(value: number): number {
  return Number(value.toFixed(3));
}

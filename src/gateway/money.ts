import type { Price, TokenUsage } from '../model/model-calls.ts';

/**
 * The price of a model at a provider on a day: of the entries whose name fits, the longest, and of these the one
 * that began last. Undefined where none fits.
 */
export function priceOf(
  prices: readonly Price[],
  provider: string,
  model: string,
  day: string,
): Price | undefined {
  let best: Price | undefined;
  for (const price of prices) {
    if (price.provider !== provider || price.from > day || !fits(price.model, model)) continue;
    const longer = price.model.length - (best?.model.length ?? -1);
    if (longer > 0 || (longer === 0 && price.from >= (best?.from ?? ''))) best = price;
  }
  return best;
}

function fits(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model;
}

/** US dollars. */
export function costOf(price: Price, usage: TokenUsage): number {
  const plain = Math.max(0, usage.inputTokens - usage.cachedTokens - usage.cacheWriteTokens);
  const perMillion =
    plain * price.input +
    usage.cachedTokens * (price.cachedInput ?? price.input) +
    usage.cacheWriteTokens * (price.cacheWrite ?? price.input) +
    usage.outputTokens * price.output;
  return perMillion / 1e6;
}

/** A sum without the dust of binary fractions: to a millionth of a millionth of a dollar. */
export function rounded(usd: number): number {
  return Number(usd.toFixed(12));
}

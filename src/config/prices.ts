import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { ConfigFailure } from '../model/failures/config.ts';
import type { Price } from '../model/model-calls.ts';
import { ok, type Result } from '../model/result.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { readAnew, type StrictReader } from '../workspace/parsed-texts.ts';

const dollars = z.number().min(0);
const line = z.strictObject({
  model: z.string().min(1),
  from: z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be a day, YYYY-MM-DD'),
  input: dollars,
  output: dollars,
  cachedInput: dollars.optional(),
  cacheWrite: dollars.optional(),
});

const lines = z.array(line).superRefine((list, context) => {
  list.forEach(({ model, from }, at) => {
    const first = list.findIndex((other) => other.model === model && other.from === from);
    if (first < at)
      context.addIssue({ code: 'custom', path: [at, 'model'], message: `has a second price from ${from}` });
  });
});

/** `config/prices.yaml`: what models cost, by the name of their provider. */
const pricesFile = z.strictObject({ schema: z.literal(1), providers: z.record(z.string(), lines) });

const FILE = path.join('config', 'prices.yaml');

/**
 * The prices that come with the package, and over them those of the working folder: same provider, model and day,
 * theirs count. Fails with file, line and key.
 */
export function loadPrices(
  cwd: string,
  readText: StrictReader = readAnew,
): Result<readonly Price[], ConfigFailure> {
  const packaged = path.join(packageRoot(), FILE);
  const own = path.join(cwd, FILE);
  const merged = new Map<string, Price>();
  for (const file of path.resolve(own) === packaged || !existsSync(own) ? [packaged] : [packaged, own]) {
    const read = readText('prices', pricesFile, readFileSync(file, 'utf8'), file);
    if (!read.ok) return read;
    for (const price of pricesIn(read.value)) {
      merged.set(`${price.provider}\0${price.model}\0${price.from}`, price);
    }
  }
  return ok([...merged.values()]);
}

function pricesIn({ providers }: z.infer<typeof pricesFile>): Price[] {
  return Object.entries(providers).flatMap(([provider, prices]) =>
    prices.map(({ cachedInput, cacheWrite, ...price }) => ({
      provider,
      ...price,
      ...(cachedInput === undefined ? {} : { cachedInput }),
      ...(cacheWrite === undefined ? {} : { cacheWrite }),
    })),
  );
}

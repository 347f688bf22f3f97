import { editDistance } from '../model/nearest.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { EntryFailure, EntryRef } from './benchmark.ts';

const MANY = 10;

/**
 * The one entry with this id, else the one whose id holds this part (case ignored). Fails
 * `migration-ambiguous` with candidates, `benchmark-id-clash` when two entries have just this id, and
 * `migration-unknown` with the nearest ids.
 */
export function findByPart(part: string, refs: readonly EntryRef[]): Result<EntryRef, EntryFailure> {
  const wanted = part.toLowerCase();
  const exact = refs.filter(({ id }) => id === part);
  const whole = exact.length > 0 ? exact : refs.filter(({ id }) => id.toLowerCase() === wanted);
  const matches =
    whole.length > 0 || wanted === '' ? whole : refs.filter(({ id }) => id.toLowerCase().includes(wanted));
  const [first, second] = matches;
  if (first === undefined) {
    return fail({ class: 'config', reason: 'migration-unknown', id: part, nearest: nearestIds(part, refs) });
  }
  if (second === undefined) return ok(first);
  if (new Set(matches.map(({ id }) => id)).size === 1) {
    return fail({
      class: 'infra',
      reason: 'benchmark-id-clash',
      id: first.id,
      files: matches.map(({ file }) => file),
    });
  }
  const candidates = matches.map(({ id }) => id);
  const shown =
    candidates.length > MANY
      ? [...candidates.slice(0, MANY), `and ${candidates.length - MANY} more`]
      : candidates;
  return fail({ class: 'config', reason: 'migration-ambiguous', id: part, candidates: shown });
}

/** Up to three ids of which the whole, or a run of parts (library, owner, repository), is most like `part`. */
function nearestIds(part: string, refs: readonly EntryRef[]): string[] {
  const wanted = part.toLowerCase().slice(0, 120);
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  return [...new Set(refs.map(({ id }) => id))]
    .map((id) => ({
      id,
      distance: Math.min(...runs(id.toLowerCase()).map((run) => distance(wanted, run, limit))),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .slice(0, 3)
    .map(({ id }) => id);
}

function distance(a: string, b: string, limit: number): number {
  return Math.abs(a.length - b.length) > limit ? Infinity : editDistance(a, b);
}

/** Every run of neighbouring parts of an id, as written: `toml`, `toml__tomli`, `tomli__pypi@vulture`... */
function runs(id: string): string[] {
  const pieces = id.split(/(__|@)/);
  const found: string[] = [];
  for (let start = 0; start < pieces.length; start += 2) {
    for (let end = start + 1; end <= pieces.length; end += 2) found.push(pieces.slice(start, end).join(''));
  }
  return found;
}

import { STALE_REASONS, type Change, type StaleReason } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import { canonicalJson } from '../workspace/disk.ts';
import { isResult, type Inputs, type Stamp } from './stamp.ts';

/** Fresh; stale for the first reason that holds, with every difference found; or decided by what others make. */
export type Freshness =
  | { readonly decision: 'fresh' }
  | { readonly decision: 'stale'; readonly reason: StaleReason; readonly changes: readonly Change[] }
  | { readonly decision: 'depends'; readonly on: readonly TaskId[] };

/** What freshness is decided from; all of it is read beforehand. */
export interface FreshnessFacts {
  readonly stamp: Stamp | null;
  readonly unreadable: string | null;
  /** An attempt began, did not end, and its process is dead. */
  readonly interrupted: boolean;
  readonly forced: boolean;
  readonly inputs: Inputs;
  readonly acceptsAny: readonly string[];
  /** Needs whose digest is not known before their tasks have run; they are not among `inputs.ports`. */
  readonly unknown: readonly { readonly port: string; readonly task: TaskId }[];
  /** A ceiling that cut the result short, and is now higher. */
  readonly outgrown: readonly Change[];
  /** Differences of the outputs from what the stamp lists. */
  readonly outputs: readonly Change[];
}

/** Decides from facts alone. Reasons hold in the order of `STALE_REASONS`; `changes` keeps that order. */
export function decideFreshness(facts: FreshnessFacts): Freshness {
  const { stamp } = facts;
  if (stamp === null && facts.unreadable === null) {
    const reason = facts.forced ? 'forced' : 'interrupted';
    return { decision: 'stale', reason: facts.interrupted ? reason : 'never-run', changes: [] };
  }
  const reasons = new Set<StaleReason>();
  const changes: Change[] = [];
  const add = (found: readonly Change[]) => {
    for (const change of found) reasons.add(change.reason);
    changes.push(...found);
  };
  if (facts.forced) reasons.add('forced');
  if (facts.unreadable !== null) {
    add([{ reason: 'stamp-unreadable', new: facts.unreadable }]);
  } else if (stamp !== null) {
    // An interrupted attempt leaves an earlier result valid: it is a reason only where there is none.
    const interrupted = !isResult(stamp) && (facts.interrupted || stamp.outcome === 'interrupted');
    if (interrupted) reasons.add('interrupted');
    else {
      if (stamp.error !== null) add([{ reason: 'failed', old: stamp.error.message }]);
      add(inputChanges(stamp.inputs, facts));
      if (isResult(stamp)) add([...facts.outgrown, ...facts.outputs]);
    }
  }
  const first = STALE_REASONS.find((reason) => reasons.has(reason));
  if (first !== undefined) return { decision: 'stale', reason: first, changes };
  const on = [...new Set(facts.unknown.map(({ task }) => task))];
  return on.length === 0 ? { decision: 'fresh' } : { decision: 'depends', on };
}

/** Every input of a stamp that differs from now, in the order of the reasons; unknown needs differ by nothing yet. */
export function inputChanges(
  old: Inputs,
  facts: Pick<FreshnessFacts, 'inputs' | 'acceptsAny' | 'unknown'>,
): Change[] {
  const now = facts.inputs;
  const changes: Change[] = [];
  if (old.code !== now.code) changes.push({ reason: 'code', old: String(old.code), new: String(now.code) });
  const accepted = facts.acceptsAny.filter((name) => name in old.params && name in now.params);
  changes.push(...differences('params', old.params, now.params, new Set(accepted)));
  changes.push(...differences('need', old.ports, now.ports, new Set(facts.unknown.map(({ port }) => port))));
  changes.push(...differences('file', old.files, now.files, new Set()));
  return changes;
}

function differences(
  reason: StaleReason,
  old: Readonly<Record<string, Json>>,
  now: Readonly<Record<string, Json>>,
  ignored: ReadonlySet<string>,
): Change[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !ignored.has(name));
  return names.sort().flatMap((name) => {
    const [before, after] = [old[name], now[name]];
    const same =
      before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after);
    if (same) return [];
    return [
      {
        reason,
        name,
        ...(before === undefined ? {} : { old: shown(before) }),
        ...(after === undefined ? {} : { new: shown(after) }),
      },
    ];
  });
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

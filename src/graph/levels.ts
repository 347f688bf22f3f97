import { fail, ok, type Result } from '../model/result.ts';
import type { GraphNode } from './node.ts';

/**
 * Ids by level: a task lies one level below the lowest of what it needs. Fails with the ids of one cycle,
 * in order, each needing the next. Every need must name a given node.
 */
export function levelsOf<Id extends string>(nodes: readonly GraphNode<Id>[]): Result<Id[][], Id[]> {
  const levels: Id[][] = [];
  const placed = new Set<Id>();
  let waiting = nodes;
  while (waiting.length > 0) {
    const ready = waiting.filter(({ needs }) => needs.every(({ task }) => placed.has(task)));
    if (ready.length === 0) return fail(cycleIn(waiting, placed));
    levels.push(ready.map(({ id }) => id));
    for (const { id } of ready) placed.add(id);
    waiting = waiting.filter(({ id }) => !placed.has(id));
  }
  return ok(levels);
}

/** Every waiting node needs another waiting node, so walking along needs must come round. */
function cycleIn<Id extends string>(waiting: readonly GraphNode<Id>[], placed: ReadonlySet<Id>): Id[] {
  const next = new Map<Id, Id | undefined>();
  for (const { id, needs } of waiting) next.set(id, needs.find(({ task }) => !placed.has(task))?.task);
  const walk: Id[] = [];
  let at: Id | undefined = waiting[0]?.id;
  while (at !== undefined && !walk.includes(at)) {
    walk.push(at);
    at = next.get(at);
  }
  return at === undefined ? walk : walk.slice(walk.indexOf(at));
}

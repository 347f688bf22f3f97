import type { PipelineFailure } from '../model/failures/pipeline.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { levelsOf } from './levels.ts';
import type { Graph, GraphNode } from './node.ts';

/** Tasks that must never read a hidden port: a coding agent and whoever makes the tests that it may see. */
export const SEALED_TASKS: readonly string[] = ['coding_agent', 'helper_test'];

/**
 * Builds and checks a graph. Fails (a bug of who defined the tasks) on an id given twice, a need that no task
 * provides, a cycle, or a hidden port among the needs of a sealed task. The rule looks at the ports that a
 * task names, not at paths through other tasks.
 */
export function buildGraph<Id extends string>(
  nodes: readonly GraphNode<Id>[],
): Result<Graph<Id>, PipelineFailure> {
  const byId = new Map<Id, GraphNode<Id>>();
  for (const node of nodes) {
    if (byId.has(node.id)) return fail({ class: 'bug', reason: 'graph-duplicate-task', task: node.id });
    byId.set(node.id, node);
  }
  for (const node of nodes) {
    for (const need of node.needs) {
      const port = byId.get(need.task)?.provides.find(({ name }) => name === need.port);
      const names = { task: node.id, need: need.task, port: need.port };
      if (port === undefined) return fail({ class: 'bug', reason: 'graph-unknown-need', ...names });
      if (port.visibility === 'hidden' && SEALED_TASKS.includes(node.id) && node.standIn === undefined) {
        return fail({ class: 'bug', reason: 'graph-hidden-port', ...names });
      }
    }
  }
  const levels = levelsOf(nodes);
  if (!levels.ok) return fail({ class: 'bug', reason: 'graph-cycle', tasks: levels.failure });
  return ok({ nodes: byId, levels: levels.value, order: levels.value.flat() });
}

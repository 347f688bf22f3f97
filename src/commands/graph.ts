import { buildGraph } from '../graph/build.ts';
import type { GraphNode } from '../graph/node.ts';
import { renderGraph, type GraphFormat } from '../graph/render.ts';
import { exitCodeOf } from '../model/failure.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';

export interface GraphOptions {
  /** The tasks of one migration. */
  readonly tasks: readonly GraphNode[];
  readonly format: GraphFormat;
  readonly json: boolean;
}

/** Prints the graph as text, mermaid or dot; with `json` as levels, needs and ports. */
export function graphCommand(options: GraphOptions, io: Io): Promise<number> {
  const graph = buildGraph(options.tasks);
  if (!graph.ok) {
    reportEarlyFailure(graph.failure, options.json, io);
    return Promise.resolve(exitCodeOf(graph.failure));
  }
  if (!options.json) {
    io.stdout.write(renderGraph(graph.value, options.format));
    return Promise.resolve(0);
  }
  const tasks = graph.value.levels.flatMap((ids, level) =>
    ids.map((id) => {
      const node = graph.value.nodes.get(id);
      return { id, level, needs: node?.needs ?? [], provides: node?.provides ?? [] };
    }),
  );
  io.stdout.write(`${JSON.stringify({ schema: 1, tasks }, null, 2)}\n`);
  return Promise.resolve(0);
}

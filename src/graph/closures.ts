import type { Graph } from './node.ts';

/** The tasks and everything that depends on them, in the graph's order. */
export function below<Id extends string>(graph: Graph<Id>, tasks: readonly Id[]): Id[] {
  const reached = new Set(tasks);
  for (const id of graph.order) {
    if (graph.nodes.get(id)?.needs.some(({ task }) => reached.has(task)) === true) reached.add(id);
  }
  return graph.order.filter((id) => reached.has(id));
}

/** The tasks and everything that they depend on, in the graph's order. */
export function above<Id extends string>(graph: Graph<Id>, tasks: readonly Id[]): Id[] {
  const reached = new Set(tasks);
  for (const id of graph.order.toReversed()) {
    if (!reached.has(id)) continue;
    for (const { task } of graph.nodes.get(id)?.needs ?? []) reached.add(task);
  }
  return graph.order.filter((id) => reached.has(id));
}

/** Edges (needed task, reader) that no longer path implies: what a picture shows. */
export function reducedEdges<Id extends string>(graph: Graph<Id>): [Id, Id][] {
  return graph.order.flatMap((id) => {
    const direct = [...new Set(graph.nodes.get(id)?.needs.map(({ task }) => task) ?? [])];
    const kept = direct.filter(
      (need) => !direct.some((other) => other !== need && below(graph, [need]).includes(other)),
    );
    return kept.map((need): [Id, Id] => [need, id]);
  });
}

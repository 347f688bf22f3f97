import { reducedEdges } from './closures.ts';
import type { Graph } from './node.ts';

export const GRAPH_FORMATS = ['text', 'mermaid', 'dot'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** The graph as text for people, mermaid or Graphviz dot; edges are the transitive reduction. Ends in a newline. */
export function renderGraph(graph: Graph, format: GraphFormat): string {
  switch (format) {
    case 'mermaid':
      return lines([
        'flowchart LR',
        ...graph.order.map((id) => `  ${id}[${id}]`),
        ...reducedEdges(graph).map(([from, to]) => `  ${from} --> ${to}`),
      ]);
    case 'dot':
      return lines([
        'digraph pipeline {',
        '  rankdir=LR;',
        ...graph.levels.map((ids) => `  { rank=same; ${ids.map((id) => `"${id}";`).join(' ')} }`),
        ...reducedEdges(graph).map(([from, to]) => `  "${from}" -> "${to}";`),
        '}',
      ]);
    case 'text':
      return lines(graph.levels.flatMap((ids, level) => ids.map((id) => textLine(graph, id, level))));
  }
}

function textLine(graph: Graph, id: string, level: number): string {
  const needs = graph.nodes.get(id)?.needs.map(({ task, port }) => `${task}.${port}`) ?? [];
  const provides = graph.nodes.get(id)?.provides ?? [];
  const makes = provides.map(({ name, visibility }) => (visibility === 'hidden' ? `${name} (hidden)` : name));
  const width = Math.max(...graph.order.map((other) => other.length));
  const reads = needs.length === 0 ? '' : `  reads ${needs.join(', ')}`;
  return `${level}  ${id.padEnd(width)}  makes ${makes.join(', ')}${reads}`;
}

function lines(parts: readonly string[]): string {
  return `${parts.join('\n')}\n`;
}

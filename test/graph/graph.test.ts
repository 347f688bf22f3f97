import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { above, below, reducedEdges } from '../../src/graph/closures.ts';
import type { Graph, GraphNode } from '../../src/graph/node.ts';
import { renderGraph } from '../../src/graph/render.ts';
import { makeRig } from '../rigs/scripted-tasks.ts';

const real = makeRig('/data').tasks() as readonly GraphNode[];
function graphOf(nodes: readonly GraphNode[]): Graph {
  const graph = buildGraph(nodes);
  if (!graph.ok) throw new Error(graph.failure.reason);
  return graph.value;
}
const node = (id: string, ...needs: string[]): GraphNode => ({
  id,
  needs: needs.map((task) => ({ task, port: 'out' })),
  provides: [{ name: 'out', visibility: 'public' }],
});

describe('the pipeline graph', () => {
  it('has the five levels of the design', () => {
    expect(graphOf(real).levels).toEqual([
      ['repo_dl'],
      ['env_setup'],
      ['helper_test', 'eval_test'],
      ['coding_agent'],
      ['patch_eval', 'unit_test_eval'],
    ]);
  });

  it('is drawn by its transitive reduction', () => {
    expect(reducedEdges(graphOf(real)).map(([from, to]) => `${from}>${to}`)).toEqual(
      [
        'repo_dl>env_setup',
        'env_setup>helper_test',
        'env_setup>eval_test',
        'helper_test>coding_agent',
        'coding_agent>patch_eval',
        'eval_test>unit_test_eval',
        'coding_agent>unit_test_eval',
      ].sort((a, b) => edgeOrder(a) - edgeOrder(b)),
    );
    expect(renderGraph(graphOf(real), 'mermaid')).toContain('  helper_test --> coding_agent\n');
    expect(renderGraph(graphOf(real), 'dot')).toContain('{ rank=same; "helper_test"; "eval_test"; }');
    expect(renderGraph(graphOf(real), 'text')).toContain('labels (hidden)');
  });

  it.each(['coding_agent', 'helper_test'])('refuses a hidden port among the needs of %s', (id) => {
    const withHidden = (more: Partial<GraphNode>) =>
      real.map((task) =>
        task.id === id
          ? { ...task, needs: [...task.needs, { task: 'repo_dl', port: 'labels' }], ...more }
          : task,
      );
    expect(buildGraph(withHidden({}))).toEqual({
      ok: false,
      failure: { class: 'bug', reason: 'graph-hidden-port', task: id, need: 'repo_dl', port: 'labels' },
    });
    expect(buildGraph(withHidden({ standIn: 'gold' })).ok).toBe(true);
  });

  it('refuses an unknown task, an unknown port, an id given twice, and a cycle, which it names', () => {
    const reason = (nodes: readonly GraphNode[]) => {
      const graph = buildGraph(nodes);
      return graph.ok ? null : graph.failure;
    };
    expect(reason([node('a', 'x')])).toMatchObject({ reason: 'graph-unknown-need', need: 'x' });
    expect(reason([node('a'), { ...node('b'), needs: [{ task: 'a', port: 'y' }] }])).toMatchObject({
      reason: 'graph-unknown-need',
      port: 'y',
    });
    expect(reason([node('a'), node('a')])).toMatchObject({ reason: 'graph-duplicate-task', task: 'a' });
    expect(reason([node('z'), node('a', 'b', 'z'), node('b', 'c'), node('c', 'b')])).toMatchObject({
      reason: 'graph-cycle',
      tasks: ['b', 'c'],
    });
    expect(reason([node('a', 'a')])).toMatchObject({ reason: 'graph-cycle', tasks: ['a'] });
  });
});

function edgeOrder(edge: string): number {
  const order = graphOf(real).order;
  const [from = '', to = ''] = edge.split('>');
  const needs = real.find(({ id }) => id === to)?.needs.map(({ task }) => task) ?? [];
  return order.indexOf(to) * 100 + needs.indexOf(from);
}

/** Any graph without cycles: each node needs some of those before it; given in any order. */
const acyclic = fc
  .array(fc.array(fc.nat(100), { maxLength: 4 }), { minLength: 1, maxLength: 14 })
  .map((picks) =>
    picks.map((pick, index) =>
      node(`n${index}`, ...new Set(index === 0 ? [] : pick.map((one) => `n${one % index}`))),
    ),
  )
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

describe('any graph without cycles', () => {
  it('has every task exactly one level below the lowest of its needs', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const graph = graphOf(nodes);
        const level = new Map(graph.levels.flatMap((ids, at) => ids.map((id) => [id, at] as const)));
        expect(graph.order.toSorted()).toEqual(nodes.map(({ id }) => id).toSorted());
        for (const { id, needs } of nodes) {
          expect(level.get(id)).toBe(Math.max(-1, ...needs.map(({ task }) => level.get(task)!)) + 1);
        }
      }),
    );
  });

  it('a task is below another exactly if that one is above it', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const graph = graphOf(nodes);
        for (const a of graph.order) {
          for (const b of graph.order) {
            expect(below(graph, [a]).includes(b)).toBe(above(graph, [b]).includes(a));
          }
          const closure = below(graph, [a]);
          expect(below(graph, closure)).toEqual(closure);
        }
      }),
    );
  });

  it('keeps what is reachable when its edges are reduced, and no edge fewer would', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const graph = graphOf(nodes);
        const edges = reducedEdges(graph);
        const rebuilt = (kept: typeof edges) =>
          graphOf(
            graph.order.map((id) => node(id, ...kept.filter(([, to]) => to === id).map(([from]) => from))),
          );
        const reach = (one: Graph) => graph.order.map((id) => below(one, [id]).toSorted());
        expect(reach(rebuilt(edges))).toEqual(reach(graph));
        for (const edge of edges) {
          expect(reach(rebuilt(edges.filter((other) => other !== edge)))).not.toEqual(reach(graph));
        }
      }),
      { numRuns: 50 },
    );
  });
});

import { type GatedTest, TEST_GATES, type SuiteStrength } from '../model/tests.ts';

/** What a table says besides the gates. */
export interface TableFacts {
  readonly strength: SuiteStrength | null;
  readonly mutants: readonly {
    readonly name: string;
    readonly killed: boolean;
    readonly killedBy: readonly string[];
  }[];
  readonly testingAgent: { readonly agent: string; readonly outcome: string; readonly why: string } | null;
}

/** The verdicts of the gates as a person reads them: counts, then every test that was not kept, with its reason. */
export function gatesTable(gated: readonly GatedTest[], facts: TableFacts): string {
  const lines: string[] = [];
  const { testingAgent: agent, strength } = facts;
  if (agent !== null)
    lines.push(`testing agent ${agent.agent}: ${agent.outcome}${agent.why === '' ? '' : `, ${agent.why}`}`);
  const origins = [...new Set(gated.map(({ origin }) => origin))];
  const gates = TEST_GATES.filter((gate) => gated.some(({ rejectedBy }) => rejectedBy === gate));
  const rows = origins.map((origin) => {
    const own = gated.filter((one) => one.origin === origin);
    const counts = gates.map((gate) => own.filter(({ rejectedBy }) => rejectedBy === gate).length);
    return [origin, own.length, own.filter(({ kept }) => kept).length, ...counts].map(String);
  });
  lines.push(...columns([['origin', 'tests', 'kept', ...gates], ...rows]));
  if (strength !== null) {
    const { mutants, lines: covered, value } = strength;
    lines.push(
      '',
      `strength ${value === null ? 'unknown' : value.toFixed(2)}: ${mutants.killed} of ${mutants.total} hunk mutants killed, ${covered.executed} of ${covered.executable} executable migrated lines executed`,
    );
    for (const { path, why } of strength.unreachable)
      lines.push(`  left out  ${path}: cannot be run here, ${why}`);
    for (const { name, killed, killedBy } of facts.mutants)
      lines.push(
        `  ${killed ? 'killed  ' : 'survived'}  ${name}${killed ? `  by ${killedBy[0] ?? ''}` : ''}`,
      );
  }
  const rejected = gated.filter(({ kept }) => !kept);
  if (rejected.length > 0) lines.push('', 'not kept:');
  for (const { id, origin, rejectedBy, verdicts } of rejected) {
    const why = verdicts.find(({ gate }) => gate === rejectedBy)?.why ?? '';
    lines.push(
      `  ${rejectedBy ?? ''}  ${id}  (${origin})${why === '' ? '' : `: ${why.split('\n')[0] ?? ''}`}`,
    );
  }
  const kept = gated.filter((one) => one.kept && one.origin === 'generated');
  if (kept.length > 0) lines.push('', 'kept of the generated ones:', ...kept.map(({ id }) => `  ${id}`));
  return `${lines.join('\n')}\n`;
}

/** `generated: 12 of 20 kept (imports 2, clock 1)`; empty where nothing was generated. */
export function gatesNote(gated: readonly GatedTest[]): string {
  const own = gated.filter(({ origin }) => origin === 'generated');
  if (own.length === 0) return '';
  const lost = TEST_GATES.map(
    (gate) => [gate, own.filter(({ rejectedBy }) => rejectedBy === gate).length] as const,
  );
  const words = lost.filter(([, count]) => count > 0).map(([gate, count]) => `${gate} ${count}`);
  const kept = own.filter((one) => one.kept).length;
  return `generated: ${kept} of ${own.length} kept${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

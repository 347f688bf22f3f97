import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { oracleStatus, type OracleReason } from '../model/oracle.ts';
import type { Completion, TaskWork } from '../pipeline/task.ts';
import { gatesNote, gatesTable } from '../report/gates-table.ts';
import { oracleWhy } from '../report/oracle-words.ts';
import { digestJson, writeAtomically } from '../workspace/disk.ts';
import type { Entries } from './composed-tree.ts';
import { EVAL_SUITE_FILE, type EvalSuite } from './eval-suite.ts';

/** Reasons as the suite holds them, in data and in words. */
export function judged(reasons: OracleReason[]): Pick<EvalSuite, 'oracle' | 'reasons'> {
  return { oracle: { status: oracleStatus(reasons), why: oracleWhy(reasons) }, reasons };
}

/** The suite where there is no environment. */
export function emptySuite(why: string): EvalSuite {
  return {
    schema: 2,
    tests: [],
    ...judged([{ reason: 'no-environment', why }]),
    gates: [],
    strength: null,
    mutants: [],
    known: { integrity: [], watched: [] },
    falsifySeed: '',
    doctests: {},
    testingAgent: null,
    kept: [],
    migratedTests: [],
    settings: { before: {}, after: {} },
    runs: [],
  };
}

/** Writes the suite, and the table of its gates into the logs. `contents` are files that belong to it, by path. */
export function completeEval(
  work: TaskWork,
  suite: EvalSuite,
  contents: Readonly<Record<string, string>>,
): Completion {
  writeAtomically(path.join(work.dir, EVAL_SUITE_FILE), `${JSON.stringify(suite, null, 1)}\n`);
  mkdirSync(work.logDir, { recursive: true });
  writeAtomically(path.join(work.logDir, '0-gates.txt'), gatesTable(suite.gates, suite));
  const note = [suite.oracle.why, gatesNote(suite.gates)].filter((text) => text !== '').join('; ');
  return {
    outcome: suite.tests.length === 0 ? 'empty' : suite.oracle.status,
    ports: { 'eval-suite': digestJson({ ...suite, runs: [], gates: [], contents }) },
    files: [EVAL_SUITE_FILE],
    ...(note === '' ? {} : { note }),
  };
}

/** Files as `contents`. */
export function contentsOf(entries: Entries): Record<string, string> {
  return Object.fromEntries([...entries].map(([file, { id, mode }]) => [file, `${mode} ${id}`]));
}

import { appendFileSync } from 'node:fs';
import { CHEATS } from './families/index.ts';
import { type CheatRig, inTurns } from './grade.ts';
import { HONEST } from './honest.ts';
import type { Of } from './migrations.ts';
import type { Cheat, Honest } from './patch.ts';
import { caughtBy, type Graded, isCaught } from './verdict.ts';

/** `MIG_CHEATS`: `all`, or names by commas; else one cheat for each mechanism. */
const asked = process.env['MIG_CHEATS'] ?? '';
const isAsked = (name: string, isMore: boolean): boolean =>
  asked === '' ? !isMore : asked === 'all' || asked.split(',').some((part) => name.includes(part));

export const chosenCheats = CHEATS.filter(({ name, more }) => isAsked(name, more === true));
export const chosenHonest = HONEST.filter(({ name, more }) => isAsked(name, more === true));

export interface Row {
  readonly name: string;
  readonly tries: string;
  readonly score: string;
  readonly by: string;
  readonly holds: boolean;
  readonly seconds: number;
}

/** Grades patches two at once, and what only waits beside them. A run that gives no score is a row that does not hold. */
export async function graded<T extends Cheat | Honest>(
  rig: CheatRig,
  patches: readonly T[],
  holds: (patch: T, graded: Graded) => boolean,
): Promise<Row[]> {
  const waits = (patch: T): boolean => 'waits' in patch && patch.waits;
  const inTurn = async (chosen: readonly T[], atOnce: number): Promise<[T, Row][]> =>
    await inTurns(chosen, atOnce, async (patch) => [patch, await rowOf(rig, patch, holds)]);
  const lanes = await Promise.all([
    inTurn(
      patches.filter((patch) => !waits(patch)),
      2,
    ),
    inTurn(patches.filter(waits), 1),
  ]);
  const rows = new Map(lanes.flat());
  return patches.map((patch) => rows.get(patch)!);
}

async function rowOf<T extends Cheat | Honest>(
  rig: CheatRig,
  patch: T,
  holds: (patch: T, graded: Graded) => boolean,
): Promise<Row> {
  const { name } = patch;
  const tries = 'tries' in patch ? patch.tries : patch.oddly;
  let row: Row;
  try {
    const done = await rig.grade(patch);
    const { grade } = done.score;
    const score =
      grade === null ? 'unscored' : `${(grade.passRate ?? 0).toFixed(3)}${grade.resolved ? ' resolved' : ''}`;
    row = { name, tries, score, by: caughtBy(done), holds: holds(patch, done), seconds: done.seconds };
  } catch (error) {
    const by = error instanceof Error ? error.message.slice(0, 2000) : String(error);
    row = { name, tries, score: 'none', by, holds: false, seconds: 0 };
  }
  const log = process.env['MIG_CHEATS_LOG'];
  if (log !== undefined) appendFileSync(log, `${JSON.stringify(row)}\n`);
  return row;
}

export function cheatHolds(noop: Readonly<Record<Of, number>>): (cheat: Cheat, graded: Graded) => boolean {
  return (cheat, done) => isCaught(cheat, done, noop[cheat.of]);
}

export function honestHolds(noop: Readonly<Record<Of, number>>): (patch: Honest, graded: Graded) => boolean {
  return ({ earns, of }, { score }) => {
    const value = score.grade?.passRate ?? -1;
    if (score.status !== 'scored' || score.tampered.length > 0) return false;
    if (earns === 'all') return value === 1 && score.grade?.resolved === true;
    return earns === 'noop' ? value === noop[of] : value > noop[of] && value < 1;
  };
}

/** The table: what it tries, what it was scored, by what it was caught. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ name, tries, score, by, holds }) =>
      `${holds ? '  ' : '! '}${name.padEnd(34)} ${score.padEnd(15)} ${by.padEnd(60)} ${tries}`,
  );
  return [
    `  ${'patch'.padEnd(34)} ${'score'.padEnd(15)} ${'caught by'.padEnd(60)} what it tries`,
    ...lines,
  ].join('\n');
}

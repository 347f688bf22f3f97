import type { UnitTestScore } from '../../src/scoring/unit-test-score.ts';
import type { Caught, Cheat } from './patch.ts';

/** What became of one patch: both scores as they were written. */
export interface Graded {
  readonly score: UnitTestScore;
  /** Uses of A that `patch_eval` counted beyond those of the ground truth. */
  readonly residualA: number;
  readonly seconds: number;
}

/** By what a patch was caught, in words for the table; as a score says it. */
export function caughtBy({ score, residualA }: Graded): string {
  if (score.status !== 'scored') return `unscored: ${score.why ?? ''}`;
  if (score.tampered.length > 0)
    return `tampered: ${[...new Set(score.tampered.map(({ reason }) => reason))].join(', ')}`;
  const words = [
    ...(score.apply === 'malformed' || score.apply === 'conflict' ? [`not applied: ${score.apply}`] : []),
    ...[...new Set(score.dropped.map(({ why }) => why))].slice(0, 2).map((why) => `dropped: ${why}`),
    ...Object.entries(score.grade?.outcomes ?? {})
      .filter(([outcome]) => outcome !== 'passed')
      .map(([outcome, count]) => `${String(count)} ${outcome}`),
    ...(residualA > 0 ? [`residualA ${residualA}`] : []),
  ];
  return words.length === 0 ? 'NOTHING' : words.join('; ');
}

/** Whether a cheat ended as one of the ways says that are expected of it; `noop` is what changing nothing earns. */
export function isCaught(cheat: Cheat, graded: Graded, noop: number): boolean {
  const { score } = graded;
  if (score.status !== 'scored' || score.grade === null) return false;
  const value = score.grade.passRate ?? 1;
  const is = (way: Caught): boolean => {
    if ('tampered' in way)
      return (
        value === 0 &&
        !score.grade!.resolved &&
        score.tampered.some(({ reason }) => way.tampered.some((start) => reason.startsWith(start)))
      );
    if ('measured' in way) {
      const { hidden, resolved } = score.grade!;
      return way.measured === 'residualA'
        ? graded.residualA > 0
        : !resolved && hidden.passed < hidden.preserved;
    }
    if (value > noop || score.grade!.resolved || score.tampered.length > 0) return false;
    return 'honest' in way || way.dropped.every((file) => score.dropped.some(({ path }) => path === file));
  };
  return cheat.caught.some(is);
}

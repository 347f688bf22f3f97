import type { OracleReason } from '../model/oracle.ts';

/** One reason in words, as `oracle.why` and summaries show it. */
export function oracleWords(reason: OracleReason): string {
  switch (reason.reason) {
    case 'no-environment':
      return `there is no environment: ${reason.why}`;
    case 'no-tests':
      return 'there are no tests';
    case 'gold-does-not-import': {
      const lacking = reason.failingImport === null ? '' : ` (import of ${reason.failingImport} fails)`;
      return `the ground truth cannot be imported: ${reason.file === '' ? 'pytest does not start' : reason.file}${lacking}`;
    }
    case 'none-passes-on-gold':
      return 'no test passes on the ground truth';
    case 'none-preserved':
      return 'no test is preserved';
    case 'dropped-requirements':
      return `dropped requirements: ${reason.names.join(', ')}`;
    case 'ended-early':
      return `${reason.run}: ${reason.ended}`;
    case 'few-preserved':
      return `only ${reason.preserved} preserved tests`;
    case 'flaky':
      return `${reason.flaky} flaky tests`;
    case 'noop-passes':
      return 'a no-op passes every preserved test';
    case 'import-only-passes':
      return 'a candidate that changes the imports alone passes every preserved test';
    case 'low-strength':
      return reason.value === null
        ? 'the strength of the tests could not be measured'
        : `the tests are weak: strength ${reason.value.toFixed(2)}`;
    case 'testing-agent':
      return `the testing agent ended as ${reason.outcome}${reason.why === '' ? '' : `: ${reason.why}`}`;
  }
}

/** All reasons in one line; empty where there are none. */
export function oracleWhy(reasons: readonly OracleReason[]): string {
  return reasons.map(oracleWords).join('; ');
}

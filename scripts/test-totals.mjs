// Reads vitest's JSON report and prints the closing line; a missing report or an empty run is a failure.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const [file, failedChecks] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedChecks);
let skipped = 0;
try {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed = report.numPassedTests;
  skipped = report.numPendingTests;
  failed += report.numFailedTests;
  // A file that cannot be loaded fails as a suite and counts no test.
  failed += report.testResults.filter(
    (one) => one.status === 'failed' && one.assertionResults.length === 0,
  ).length;
  if (!report.success && failed === 0) failed = 1;
  // where the time goes, for whoever wants it back
  const slowest = report.testResults
    .map(({ name, startTime, endTime }) => [path.relative('test', name), (endTime - startTime) / 1000])
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10);
  console.log(`slowest: ${slowest.map(([name, seconds]) => `${name} ${seconds.toFixed(0)} s`).join(', ')}`);
} catch (error) {
  console.error(`test: no report of the test run: ${error.message}`);
  failed += 1;
}
if (passed === 0) failed = Math.max(failed, 1);
if (skipped > 0) console.log(`skipped: ${skipped}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

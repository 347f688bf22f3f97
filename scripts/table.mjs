// Runs bundled migrations with the stand-ins and the rule-based agent and prints one table:
//   node scripts/table.mjs [--data-dir DIR] [--runtime docker,local] [--agents gold,noop,codemod] [id parts...]
// Exit code 1 when gold does not score 1 and resolve, no-op does not score 0, or the two runtimes disagree.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cli = path.join(root, 'dist', 'cli.js');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'data-dir': { type: 'string', default: 'data' },
    runtime: { type: 'string', default: 'docker,local' },
    agents: { type: 'string', default: 'gold,noop,codemod' },
  },
});
const dataDir = path.resolve(values['data-dir']);
const runtimes = values.runtime.split(',');
const agents = values.agents.split(',');
const known = JSON.parse(readFileSync(path.join(root, 'test/fixtures/release-pairs.json'), 'utf8')).pairs;

/** One command to its end: exit code and both streams. */
function call(args) {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [cli, ...args],
      { maxBuffer: 1 << 28 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin.end();
  });
}

function frozen(id) {
  const file = path.join(dataDir, 'eval-tests', id, 'existing', 'eval-suite.json');
  if (!existsSync(file)) return null;
  const { tests, oracle } = JSON.parse(readFileSync(file, 'utf8'));
  const before = tests.filter((test) => test.origin === 'developers-before');
  const after = tests.filter((test) => test.origin === 'developers-after');
  const passed = (list, key) => list.filter((test) => test[key] === 'passed').length;
  const preserved = before.filter((test) => test.class === 'preserved');
  return {
    oracle: oracle.status,
    before: passed(before, 'before'),
    blocked: passed(before, 'blocked'),
    preserved: preserved.length,
    noopFails: preserved.filter((test) => test.blocked !== 'passed').length,
    lost: before.filter((test) => test.class === 'gt_regression').length,
    hidden: after.filter((test) => test.class === 'preserved').length,
    flaky: tests.filter((test) => test.class === 'flaky').length,
  };
}

const listed = JSON.parse((await call(['list-migrations', '--json', '--data-dir', dataDir])).stdout);
const ids = listed.migrations
  .filter(({ benchmark }) => ['examples', 'pypi'].includes(benchmark))
  .map(({ id }) => id)
  .filter((id) => positionals.length === 0 || positionals.some((part) => id.includes(part)));
let wrong = 0;
const complain = (text) => {
  wrong += 1;
  console.log(`  !! ${text}`);
};
for (const id of ids) {
  console.log(id);
  const scores = new Map();
  for (const runtime of runtimes) {
    for (const agent of agents) {
      const started = Date.now();
      const result = await call([
        'run',
        id,
        '--agent',
        agent,
        '--runtime',
        runtime,
        '--data-dir',
        dataDir,
        '--json',
      ]);
      let summary;
      try {
        summary = JSON.parse(result.stdout.trim().split('\n').at(-1));
      } catch {
        summary = undefined;
      }
      if (summary?.event !== 'summary') {
        complain(
          `${runtime} ${agent}: exit ${result.code}: ${(result.stderr || result.stdout).trim().slice(-400)}`,
        );
        continue;
      }
      const { patch_eval: patch, unit_test_eval: unit } = summary.scores;
      const word = (score) =>
        score.status === 'scored'
          ? String(Math.round(score.value * 10000) / 10000)
          : `${score.status} (${score.why})`;
      const resolved = unit.status === 'scored' ? (unit.resolved ? 'resolved' : 'not resolved') : '';
      const coding = summary.tasks.find((task) => task.id === 'coding_agent');
      console.log(
        `  ${runtime.padEnd(6)} ${agent.padEnd(8)} ${String(coding?.outcome).padEnd(9)} editF1 ${word(patch)}  tests ${word(unit)} ${resolved}  (${((Date.now() - started) / 1000).toFixed(0)} s)`,
      );
      if (agent === 'gold' && !(patch.value === 1 && unit.resolved === true)) complain(`gold on ${runtime}`);
      if (agent === 'noop' && !(patch.value === 0 && unit.resolved === false)) complain(`noop on ${runtime}`);
      const both = JSON.stringify(summary.scores);
      if ((scores.get(agent) ?? both) !== both)
        complain(`${agent}: the runtimes disagree: ${scores.get(agent)} / ${both}`);
      scores.set(agent, both);
    }
    const counts = frozen(id);
    if (counts === null) continue;
    const name = /@(.+)__[0-9a-f]{8}$/.exec(id)?.[1];
    console.log(
      `  ${runtime.padEnd(6)} classes  before ${counts.before}P, blocked ${counts.blocked}P, preserved ${counts.preserved}, no-op fails ${counts.noopFails}, lost ${counts.lost}, later tests preserved ${counts.hidden}, flaky ${counts.flaky}, oracle ${counts.oracle}`,
    );
    const expected = known[name];
    for (const key of ['preserved', 'noopFails', 'lost']) {
      if (expected !== undefined && expected[key] !== counts[key])
        complain(`${key} is ${counts[key]}, known is ${expected[key]}`);
    }
  }
}
console.log(`${ids.length} migrations, ${wrong} complaints`);
process.exitCode = wrong === 0 ? 0 : 1;

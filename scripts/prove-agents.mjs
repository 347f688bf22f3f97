// Shows that agents work, each unmodified in its sealed sandbox with a scripted model in the place of its own:
//   node scripts/prove-agents.mjs [AGENT...] [--runtime docker|local] [--data-dir DIR] [--id MIGRATION] [--agents-dir DIR]
// Default: every agent that calls a model. Each is started twice on the example: once against the scripted model,
// recorded, and once from the recording, offline. A row says what the first start came to (`mig-pipeline agent try`
// explains each), and whether the second made the same patch byte for byte. Exit code 1 where one does not work.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const CLI = path.join(root, 'dist', 'cli.js');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: 'string' },
    'data-dir': { type: 'string' },
    'agents-dir': { type: 'string' },
    id: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
if (!existsSync(CLI)) {
  console.error('dist/ is not there: npm run build');
  process.exit(2);
}
const passed = ['runtime', 'data-dir', 'agents-dir'].flatMap((name) =>
  values[name] === undefined ? [] : [`--${name}`, values[name]],
);

function call(...args) {
  const done = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (done.signal !== null) process.exit(130);
  return { code: done.status, stdout: done.stdout };
}

/** All agents that call a model, by name. */
function modelAgents() {
  const flags = values['agents-dir'] === undefined ? [] : ['--agents-dir', values['agents-dir']];
  const { agents } = JSON.parse(call('list-agents', '--json', ...flags).stdout);
  return agents
    .filter(({ role, network, verified }) => role === 'coding' && network === 'model' && verified !== false)
    .map(({ name }) => name);
}

function attempt(name, ...more) {
  const id = values.id === undefined ? [] : [values.id];
  const { stdout } = call('agent', 'try', name, ...id, ...passed, ...more, '--json');
  try {
    const trial = JSON.parse(stdout);
    const file = path.join(trial.folder, 'migration.patch');
    const patch = existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : null;
    return { trial, patch };
  } catch {
    return { trial: null, patch: null };
  }
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'mig-pipeline-prove-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const names = positionals.length === 0 ? modelAgents() : positionals;
const width = Math.max(5, ...names.map(({ length }) => length));
const cells = (row) =>
  [
    row[0].padEnd(width),
    ...row.slice(1).map((cell, at) => String(cell).padStart([8, 9, 7, 6, 9, 7, 7, 6, 8, 5, 8][at])),
  ].join(' ');
if (!values.json)
  console.log(
    cells([
      'agent',
      'works',
      'outcome',
      's',
      'calls',
      'tokens in',
      'out',
      'as told',
      'own',
      'edit F1',
      'key',
      'replay',
    ]),
  );
const rows = [];
for (const name of names) {
  const recording = path.join(scratch, name);
  const first = attempt(name, '--record', recording);
  const again =
    first.trial?.works === true ? attempt(name, '--replay', recording) : { trial: null, patch: null };
  const { trial } = first;
  const check = (what) => trial?.checks.find((one) => one.name === what);
  const row = {
    agent: name,
    works: trial?.works === true,
    outcome: trial?.outcome ?? 'not started',
    seconds: trial?.seconds.agent ?? null,
    calls: trial?.calls ?? null,
    usage: trial?.usage ?? null,
    tokensAsTold: check('tokens')?.state === 'ok',
    own: check('own count')?.state ?? null,
    editF1: trial?.editF1 ?? null,
    keyNowhere: check('key')?.state === 'ok',
    samePatchReplayed: first.patch !== null && first.patch === again.patch,
    checks: trial?.checks ?? [],
    replayChecks: again.trial?.checks ?? [],
  };
  rows.push(row);
  if (values.json) continue;
  const yes = (value) => (value ? 'yes' : 'NO');
  console.log(
    cells([
      name, yes(row.works), row.outcome, row.seconds?.toFixed(1) ?? '-', row.calls ?? '-', row.usage?.inputTokens ?? '-',
      row.usage?.outputTokens ?? '-', yes(row.tokensAsTold), row.own ?? '-', row.editF1?.toFixed(3) ?? '-',
      row.keyNowhere ? 'hid' : 'SEEN', yes(row.samePatchReplayed),
    ]),
  ); // prettier-ignore
  for (const { name: what, state, found } of [
    ...row.checks,
    ...(row.samePatchReplayed ? [] : row.replayChecks),
  ])
    if (state === 'bad' || (what === 'start' && !row.samePatchReplayed)) console.log(`  ${what}: ${found}`);
}
if (values.json) console.log(JSON.stringify({ schema: 1, rows }, null, 2));
const good = rows.filter(({ works, samePatchReplayed }) => works && samePatchReplayed).length;
if (!values.json) console.log(`${good} of ${rows.length} work, and replay to the same patch`);
process.exitCode = good === rows.length ? 0 : 1;

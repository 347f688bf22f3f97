// Lets a real inference server drive agents through the gateway: llama-cpp-python with random weights, which solves
// nothing. What must be right is everything around it: states, usage, ledger, trajectory.
//   node scripts/real-server.mjs [AGENT...] [--runtime docker|local] [--data-dir DIR] [--server-dir DIR]
// Builds the server from source where --server-dir (default: data/cache/real-server) has none, which takes minutes and
// needs a C++ compiler. Default agents: coding-agent and pi. Exit code 1 where something is not right.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const CLI = path.join(root, 'dist', 'cli.js');
const EXAMPLE = 'optparse__argparse__local@wordtally__c3315010';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: 'string', default: 'auto' },
    'data-dir': { type: 'string', default: path.join(root, 'data') },
    'server-dir': { type: 'string' },
  },
});
const agents = positionals.length === 0 ? ['coding-agent', 'pi'] : positionals;
const dataDir = path.resolve(values['data-dir']);
const serverDir = path.resolve(values['server-dir'] ?? path.join(dataDir, 'cache', 'real-server'));
const python = path.join(serverDir, 'venv', 'bin', 'python');

function makeServer() {
  const installed =
    existsSync(python) && spawnSync(python, ['-c', 'import llama_cpp.server, gguf']).status === 0;
  if (!installed) {
    console.error('building the inference server from source');
    mkdirSync(serverDir, { recursive: true });
    execFileSync('python3', ['-m', 'venv', path.join(serverDir, 'venv')], { stdio: 'inherit' });
    execFileSync(python, ['-m', 'pip', 'install', '-q', 'llama-cpp-python[server]', 'gguf'], {
      stdio: 'inherit',
    });
  }
  const model = path.join(serverDir, 'random.gguf');
  execFileSync(python, [path.join(root, 'scripts', 'real-server', 'write_model.py'), model], {
    stdio: 'inherit',
  });
  return model;
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function startServer(model) {
  const port = await freePort();
  const args = ['-m', 'llama_cpp.server', '--model', model, '--model_alias', 'random', '--n_ctx', '65536'];
  const server = spawn(python, [...args, '--host', '127.0.0.1', '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.on('data', (bytes) => (said = (said + bytes).slice(-2000)));
  process.on('exit', () => server.kill('SIGKILL'));
  for (let tries = 0; tries < 120; tries++) {
    if (server.exitCode !== null) throw new Error(`the server ended: ${said}`);
    const up = await fetch(`http://127.0.0.1:${port}/v1/models`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return port;
    await pause(500);
  }
  throw new Error(`the server does not answer: ${said}`);
}

/** Runs an agent on the example; answers its attempt and what is wrong with it. */
function attempt(agent, cwd) {
  const flags = [
    '--agent',
    agent,
    '--model',
    'real/random',
    '--runtime',
    values.runtime,
    '--data-dir',
    dataDir,
  ];
  const short = agent === 'coding-agent' ? ['--param', 'maxOutputTokens=64'] : [];
  const done = spawnSync(
    process.execPath,
    [CLI, 'run', EXAMPLE, ...flags, ...short, '--budget-calls', '3', '--force-coding', '--json'],
    { cwd, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const lines = done.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const summary = lines.find(({ event }) => event === 'summary');
  if (summary === undefined) return { wrong: [`no summary: ${done.stdout}${done.stderr}`] };
  const folder = path.join(dataDir, 'trajectories', EXAMPLE, summary.variant);
  const task = summary.tasks.find(({ id }) => id === 'coding_agent');
  if (task.state !== 'completed') return { wrong: [`coding_agent ${task.state}: ${task.reason}`] };
  const record = JSON.parse(readFileSync(path.join(folder, 'attempt.json'), 'utf8'));
  const exchanges = readFileSync(path.join(folder, 'exchanges', 'exchanges.jsonl'), 'utf8');
  const calls = exchanges
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { ledger } = record;
  const counted = calls.filter(({ usage }) => usage !== null);
  const sum = (kind) => counted.reduce((total, { usage }) => total + usage[kind], 0);
  const wrong = [
    ...(['no-patch', 'budget', 'crashed', 'timeout'].includes(record.outcome) ? [] : [`outcome ${record.outcome}`]),
    ...(ledger.answered > 0 ? [] : ['no call was answered']),
    // this server tells no usage in streams: such calls are known as not metered, with an upper estimate
    ...((ledger.usage.inputTokens > 0 && ledger.usage.outputTokens > 0) || ledger.unmetered.calls === ledger.answered ? [] : ['no tokens were counted']),
    ...(sum('inputTokens') === ledger.usage.inputTokens ? [] : ['the ledger is not the sum of its calls']),
    ...(summary.scores.unit_test_eval.resolved === true ? ['random weights solved it'] : []),
    ...(ledger.calls <= 3 ? [] : ['more calls than the budget has']),
  ]; // prettier-ignore
  return { wrong, record, scores: summary.scores };
}

const cwd = mkdtempSync(path.join(os.tmpdir(), 'mig-pipeline-real-server-'));
process.on('exit', () => rmSync(cwd, { recursive: true, force: true }));
const port = await startServer(makeServer());
mkdirSync(path.join(cwd, 'config'));
writeFileSync(
  path.join(cwd, 'config', 'pipeline.yaml'),
  `providers:\n  real: { form: openai, baseUrl: "http://127.0.0.1:${port}/v1" }\n`,
);
let bad = 0;
for (const agent of agents) {
  const { wrong, record, scores } = attempt(agent, cwd);
  if (record !== undefined) {
    const { calls, answered, usage, unmetered } = record.ledger;
    const why = record.why === '' ? '' : ` (${record.why})`;
    console.log(
      `${agent}: ${record.outcome}${why}; ${calls} calls, ${answered} answered, ${usage.inputTokens} tokens in, ${usage.outputTokens} out, ${unmetered.calls} calls without a count; patch_eval ${JSON.stringify(scores.patch_eval.value ?? scores.patch_eval.why)}`,
    );
  }
  for (const line of wrong) console.log(`${agent}: WRONG: ${line}`);
  bad += wrong.length;
}
console.log(bad === 0 ? 'all is as it should be' : `${bad} things are not right`);
process.exit(bad === 0 ? 0 : 1);

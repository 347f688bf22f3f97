// From the start of coding_agent to its first call of a model, image and environment there, over a bare sandbox that
// starts Python.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importSources, root } from './bundle.mjs';
import { call } from './children.mjs';
import { measureJobs } from './in-process.mjs';
import { row } from './rows.mjs';
import { onEnd, scratchFolder } from './scratch.mjs';

const ID = 'optparse__argparse__local@wordtally__c3315010';
const CLI = path.join(root, 'dist', 'cli.js');
const IMAGE = process.env.MIG_BASE_IMAGE ?? 'mig-pipeline-base:bookworm';
/** What may lie between the two, by the issue that asked for it. */
const OVER_MS = 300;
const AGENT = `schema: 1
role: coding
version: "1"
description: Calls its model once.
command: [python3, /agent/run.py]
network: model
model: { forms: [openai] }
`;
const PROGRAM = `import json, os, urllib.request
body = {"model": os.environ["MODEL"], "messages": [{"role": "user", "content": "x"}]}
headers = {"content-type": "application/json", "authorization": "Bearer " + os.environ["GATEWAY_TOKEN"]}
url = os.environ["GATEWAY_URL"] + "/v1/chat/completions"
urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)).read()
`;

/** A working folder with the agent and a scripted model; `start` answers the wall time to the first call. */
async function world(runtime, say) {
  const { startScriptedModel, modelScript } = await importSources(
    'gateway/scripted/server',
    'gateway/scripted/script',
  );
  let first = null;
  const model = await startScriptedModel({
    script: modelScript.parse({ schema: 1, toolless: true, turns: [{ text: 'x' }] }),
    onCall: () => (first ??= Date.now()),
  });
  onEnd(() => model.close());
  const cwd = scratchFolder();
  mkdirSync(path.join(cwd, 'config'));
  mkdirSync(path.join(cwd, 'agents', 'once'), { recursive: true });
  const config = `providers:\n  scripted: { form: openai, baseUrl: "${model.url}/v1" }\nagentsDirs: [agents]\n`;
  writeFileSync(path.join(cwd, 'config', 'pipeline.yaml'), config);
  writeFileSync(path.join(cwd, 'agents', 'once', 'agent.yaml'), AGENT);
  writeFileSync(path.join(cwd, 'agents', 'once', 'run.py'), PROGRAM);
  const dataDir = scratchFolder();
  const flags = [
    '--agent',
    'once',
    '--model',
    'scripted/scripted-1',
    '--data-dir',
    dataDir,
    '--runtime',
    runtime,
    '--json',
  ];
  const start = async () => {
    first = null;
    const told = await call([process.execPath, CLI, 'run', ID, ...flags, '--until', 'coding_agent', '--force', 'coding_agent'], { cwd });
    const events = told.trim().split('\n').map((line) => JSON.parse(line));
    const began = events.find(({ event, task }) => event === 'task-start' && task === 'coding_agent');
    if (began === undefined || first === null) throw new Error(`the agent did not call: ${told.slice(-800)}`);
    return first - began.at;
  }; // prettier-ignore
  say(`${runtime}: preparing a unit (needs the package index)`);
  await start();
  return start;
}

const FLOORS = {
  local: async () => {
    const flags = ['--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-net', '--die-with-parent'];
    const view = ['--dev-bind', '/', '/', '--proc', '/proc'];
    if (spawnSync('bwrap', [...flags, ...view, 'true'], { stdio: 'ignore' }).status !== 0) return null;
    return {
      is: 'bwrap, python3',
      start: () => call(['bwrap', ...flags, ...view, 'python3', '-c', 'print(1)']),
    };
  },
  docker: async () => {
    const { findEngine } = await importSources('runtimes/find-engine');
    const address = await findEngine();
    if (address === null || !address.startsWith('unix://')) return null;
    const { default: Docker } = await import('dockerode');
    const engine = new Docker({ socketPath: address.slice('unix://'.length) });
    const there = await engine.getImage(IMAGE).inspect().then(() => true, () => false); // prettier-ignore
    if (!there) return null;
    return { is: 'engine calls, python3', start: () => firstByte(engine) };
  },
};

/** Until the first byte of a container; its end is not waited for within. */
async function firstByte(engine) {
  const began = performance.now();
  const container = await engine.createContainer({
    Image: IMAGE,
    Cmd: ['python3', '-c', 'print(1)'],
    HostConfig: { NetworkMode: 'none', Init: true, LogConfig: { Type: 'none', Config: {} } },
  });
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const heard = new Promise((resolve) => stream.once('data', resolve));
  await container.start();
  await heard;
  const wallMs = performance.now() - began;
  await container.remove({ force: true });
  return wallMs;
}

export async function agentStart({ rounds, say }) {
  const rows = [];
  const reasons = [];
  for (const [runtime, open] of Object.entries(FLOORS)) {
    const sandbox = await open();
    if (sandbox === null) {
      reasons.push(`${runtime}: there is none here`);
      continue;
    }
    let start;
    try {
      start = await world(runtime, say);
    } catch (error) {
      reasons.push(`${runtime}: the unit could not be prepared: ${error.message}`);
      continue;
    }
    const best = await measureJobs({ floor: sandbox.start, start }, { rounds: 5 * rounds, warmUp: 1 });
    const wall = ({ wallMs }) => ({ cpuMs: null, wallMs });
    const floor = { is: sandbox.is, ...wall(best.floor) };
    rows.push(
      row(`agent start to its first call, ${runtime}`, wall(best.start), floor, { overWallMs: OVER_MS }),
    );
  }
  return { rows, leftOut: reasons.length === 0 ? null : reasons.join('; ') };
}

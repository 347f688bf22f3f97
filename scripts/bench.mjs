// Measures what the engine costs, everything beside a floor taken in the same run; minima of several rounds.
//   npm run bench -- [--only start-up,no-op,scheduling,container,bubblewrap,scoring,candidate,leak-audit,gateway,agent-start] [--rounds N] [--json]
// Exit code 1 when a goal is not met. Needs a clone (it measures the sources too) and leaves nothing behind.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './bench/bundle.mjs';
import { agentStart } from './bench/agent-start.mjs';
import { call } from './bench/children.mjs';
import { candidate } from './bench/candidate.mjs';
import { leakAudit } from './bench/leak-audit.mjs';
import { gateway } from './bench/gateway.mjs';
import { headLine, rowLine } from './bench/rows.mjs';
import { container, bubblewrap } from './bench/sandboxes.mjs';
import { noOp, scheduling } from './bench/scheduling.mjs';
import { scoring } from './bench/scoring.mjs';
import { endAll, stoppedBy } from './bench/scratch.mjs';
import { startUp } from './bench/start-up.mjs';

const SECTIONS = {
  'start-up': startUp,
  'no-op': noOp,
  scheduling,
  container,
  bubblewrap,
  scoring,
  candidate,
  'leak-audit': leakAudit,
  gateway,
  'agent-start': agentStart,
};

function readFlags() {
  const options = {
    only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
    rounds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  };
  try {
    const { values } = parseArgs({ options });
    const only = values.only.split(',');
    const unknown = only.find((name) => !(name in SECTIONS));
    if (unknown !== undefined)
      throw new Error(`no section "${unknown}": there are ${Object.keys(SECTIONS).join(', ')}`);
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1');
    return { only, rounds, json: values.json };
  } catch (error) {
    console.error(`bench: ${error.message}`);
    return process.exit(2);
  }
}

/** When a file below a folder was last written. */
function newest(folder) {
  const names = readdirSync(path.join(root, folder), { recursive: true });
  return Math.max(...names.map((name) => statSync(path.join(root, folder, name)).mtimeMs));
}

const flags = readFlags();
const print = (text) => flags.json || console.log(text);
const sections = [];
let broken = null;
try {
  if (!existsSync(path.join(root, 'dist', 'cli.js'))) {
    console.error('bench: building');
    await call([process.execPath, path.join(root, 'scripts', 'build.mjs'), '--no-types']);
  }
  if (newest('src') > newest('dist'))
    console.error('bench: dist is older than the sources: what is measured of it is not what they say');
  print(headLine());
  for (const name of Object.keys(SECTIONS).filter((one) => flags.only.includes(one))) {
    const say = (text) => console.error(`bench: ${name}: ${text}`);
    const { rows = [], leftOut = null } = await SECTIONS[name]({ rounds: flags.rounds, say });
    sections.push({ section: name, leftOut, rows });
    if (leftOut !== null) print(`${name}: left out: ${leftOut}`);
    for (const one of rows) print(rowLine(one));
  }
} catch (error) {
  broken = error.message;
  console.error(`bench: ${stoppedBy() === null ? error.stack : error.message}`);
} finally {
  await endAll();
}
const goals = sections.flatMap(({ rows }) => rows).filter(({ met }) => met !== null);
const missed = goals.filter(({ met }) => !met).length;
const leftOut = sections.filter((one) => one.leftOut !== null).length;
if (flags.json) console.log(JSON.stringify({ schema: 1, node: process.version, broken, sections }, null, 1));
print(
  `${goals.length - missed} of ${goals.length} goals met, ${leftOut} sections left out${broken === null ? '' : ', broken off'}`,
);
if (missed > 0 || broken !== null) process.exitCode = stoppedBy() ?? 1;

// Scores bundled migrations in fresh data folders under conditions that must not matter, and compares every score.json
// byte by byte, less its seconds:
//   node scripts/same-scores.mjs [--agents gold,noop,half,codemod] [--testing-agent NAME] [--runtime docker,local]
//     [--folders 1,2,3] [--keep DIR] [id parts...]
// Conditions: runtime, concurrency 1 and 4, two time zones, two locales, two hash seeds. Without ids: the own examples.
// Folders that are kept are gone on with: --folders makes some of them now, and what was asked for is compared in
// all that are there.
// Exit code 1 where anything differs, or a run does not end with 0.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cli = path.join(root, 'dist', 'cli.js');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    agents: { type: 'string', default: 'gold,noop,half,codemod' },
    'testing-agent': { type: 'string' },
    runtime: { type: 'string', default: 'docker,local' },
    folders: { type: 'string', default: '1,2,3' },
    keep: { type: 'string' },
  },
});
const agents = values.agents.split(',');
const runtimes = values.runtime.split(',');
const testing = values['testing-agent'] === undefined ? [] : ['--testing-agent', values['testing-agent']];
const folders = values.folders.split(',').map(Number);
const call = promisify(execFile);

/** Three fresh data folders; the runtimes take turns. */
const conditions = [
  { concurrency: 1, TZ: 'UTC', LC_ALL: 'C.UTF-8', PYTHONHASHSEED: '0' },
  { concurrency: 4, TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', PYTHONHASHSEED: '4711' },
  { concurrency: 4, TZ: 'America/St_Johns', LC_ALL: 'C.UTF-8', PYTHONHASHSEED: '1' },
].map((condition, at) => ({ ...condition, runtime: runtimes[at % runtimes.length] }));

const listed = await call('node', [cli, 'list-migrations', '--benchmark', 'examples', '--json'], {
  cwd: root,
});
const ids = positionals.length > 0 ? positionals : JSON.parse(listed.stdout).migrations.map(({ id }) => id);
const top = values.keep ?? mkdtempSync(path.join(os.tmpdir(), 'mig-same-scores-'));
let failed = 0;

/** Every score below a folder, by its place: text without what tells of time. */
function scoresOf(dir) {
  const found = new Map();
  if (!existsSync(dir)) return found;
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    if (path.basename(name) !== 'score.json') continue;
    const score = JSON.parse(readFileSync(path.join(dir, name), 'utf8'));
    delete score.seconds;
    found.set(path.dirname(name), JSON.stringify(score, null, 1));
  }
  return found;
}

const results = [];
for (const [at, { concurrency, runtime, ...variables }] of conditions.entries()) {
  const dataDir = path.join(top, `data-${at + 1}`);
  if (!folders.includes(at + 1)) {
    if (existsSync(dataDir)) results.push({ folder: at + 1, scores: scoresOf(path.join(dataDir, 'score')) });
    continue;
  }
  const began = Date.now();
  for (const id of ids) {
    const start = Date.now();
    for (const agent of agents) {
      const words = [
        'run',
        id,
        '--agent',
        agent,
        '--data-dir',
        dataDir,
        '--runtime',
        runtime,
        '--quiet',
        ...testing,
      ];
      try {
        await call('node', [cli, ...words, '--concurrency', String(concurrency)], {
          cwd: root,
          env: { ...process.env, ...variables },
          maxBuffer: 1 << 28,
        });
      } catch (error) {
        failed++;
        console.log(`${id} with ${agent}, ${runtime}: ${String(error.stderr ?? error).trim()}`);
      }
    }
    console.log(`  folder ${at + 1}: ${id}: ${Math.round((Date.now() - start) / 1000)} s`);
  }
  const scores = scoresOf(path.join(dataDir, 'score'));
  results.push({ folder: at + 1, scores });
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(
    `folder ${at + 1}: ${runtime}, ${JSON.stringify({ concurrency, ...variables })}: ${scores.size} scores, ${seconds} s`,
  );
}

// a folder that is kept may hold other migrations, agents and testing agents too
const isAsked = (place) => {
  const [migration, variant] = place.split(path.sep);
  const [coding, tests] = variant.split('~');
  const isAgent = agents.includes(coding.split('+')[0]) && tests === (values['testing-agent'] ?? 'existing');
  return isAgent && ids.some((id) => migration.includes(id));
};
const places = [...new Set(results.flatMap(({ scores }) => [...scores.keys()]))].filter(isAsked).sort();
let different = 0;
for (const place of places) {
  const texts = results.map(({ scores }) => scores.get(place));
  if (texts.every((text) => text !== undefined && text === texts[0])) continue;
  different++;
  console.log(`differs: ${place}`);
  const lines = texts.map((text) => (text ?? 'missing').split('\n'));
  const line = lines[0].findIndex((words, index) => lines.some((other) => other[index] !== words));
  for (const [index, of] of lines.entries())
    console.log(`  folder ${results[index].folder}: ${of[line] ?? 'missing'}`);
}
console.log(
  `${places.length} scores in each of ${results.length} folders, ${different} differ, ${failed} runs failed`,
);
if (values.keep === undefined) rmSync(top, { recursive: true, force: true });
process.exitCode = different > 0 || failed > 0 || places.length === 0 ? 1 : 0;

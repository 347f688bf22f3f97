// Processor time of scoring one patch of a 500-file repository, beside Python's difflib over the same files.
import { createHash } from 'node:crypto';
import { call, hasPython } from './children.mjs';
import { importSources } from './bundle.mjs';
import { measureJobs } from './in-process.mjs';
import { row } from './rows.mjs';

const FILES = 500;
const DIFFLIB = `
import difflib, json, sys, time
given = json.load(sys.stdin)
best = {}
for _ in range(given['rounds']):
    cpu, wall = time.process_time(), time.perf_counter()
    for a, b in given['pairs']: difflib.SequenceMatcher(None, a.splitlines(), b.splitlines()).ratio()
    now = {'cpuMs': (time.process_time() - cpu) * 1000, 'wallMs': (time.perf_counter() - wall) * 1000}
    best = {name: min(best.get(name, value), value) for name, value in now.items()}
json.dump(best, sys.stdout)`;

let seed = 7;
const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
const statement = (number) =>
  [
    `    value_${random(40)} = self.table[${random(900)}].get("key_${random(60)}", None)`,
    `    if value_${random(40)} is not None and len(names) > ${random(30)}:`,
    `        raise ValueError("no entry %s of %d" % (name, ${number}))`,
    `    result.append(make_item(name=${random(9)}, other=[x for x in range(${random(50)})]))`,
  ][random(4)];
const moduleLines = (number) => [
  ...['import os', 'import toml', '', `def work_${number}(path, names):`, '    config = toml.load(path)'],
  ...Array.from({ length: 200 }, (_, at) => statement(at)),
  ...['    return toml.dumps(config)', ''],
];
const migrated = (lines) =>
  lines.flatMap((text) =>
    text.includes('toml.load(')
      ? ["    with open(path, 'rb') as stream:", '        config = tomli.load(stream)']
      : [text.replace('import toml', 'import tomli').replace('toml.dumps', 'tomli_w.dumps')],
  );
const attempt = (lines, number) =>
  migrated(lines).map((text, at) =>
    at % 60 === number % 60 ? `${text}  # noqa` : text.replace('stream', 'f'),
  );

function treeOf(files) {
  const bytes = new Map(files.map((lines, at) => [`package/module_${at}.py`, Buffer.from(lines.join('\n'))]));
  const idOf = (content) => createHash('sha1').update(content).digest('hex');
  const entries = new Map([...bytes].map(([name, content]) => [name, { id: idOf(content), mode: '100644' }]));
  return { entries, read: (name) => bytes.get(name) };
}

const library = (name) => [
  { name, importNames: [name], version: null, constraint: null, provenance: 'unknown' },
];
const LIBRARIES = { source: library('toml'), target: library('tomli') };

/** Trees in which the first `changed` files are migrated, and a candidate that does it a little otherwise. */
function repository(files, changed) {
  const on = (change) => treeOf(files.map((lines, at) => (at < changed ? change(lines, at) : lines)));
  return { before: treeOf(files), after: on(migrated), candidate: on(attempt) };
}

/** One file on which careless algorithms take minutes. */
const HARD = {
  'scoring 2,000 rewritten lines in one file': (shift) =>
    Array.from(
      { length: 2000 },
      (_, at) => `${'abc'[shift]}_${at % 700} = call_${at % 90}(${'abc'[shift]}, ${at}, key=${at % 7})`,
    ),
  'scoring 20 lines of 10,000 tokens': (shift) =>
    Array.from(
      { length: 20 },
      (_, at) =>
        `T${at} = [${Array.from({ length: 5000 }, (_, n) => (n * (at + 3 * shift)) % 977).join(', ')}]`,
    ),
};

async function difflib(pairs, rounds) {
  if (!hasPython()) return null;
  const best = JSON.parse(
    await call(['python3', '-c', DIFFLIB], { input: JSON.stringify({ pairs, rounds }) }),
  );
  return { is: "Python's difflib ratio", ...best };
}

export async function scoring({ rounds, say }) {
  const { deriveLabels, scorePatch } = await importSources(
    'scoring/score-patch',
    'scoring/derive-labels',
    'scoring/source-reader',
  );
  const files = Array.from({ length: FILES }, (_, number) => moduleLines(number));
  const rows = [];
  for (const [changed, times] of [
    [20, 15],
    [FILES, 3],
  ]) {
    say(`${changed} of ${FILES} files changed`);
    const given = { ...repository(files, changed), ...LIBRARIES };
    const names = [...given.before.entries.keys()].slice(0, changed);
    const pairs = names.map((name) => [`${given.after.read(name)}`, `${given.candidate.read(name)}`]);
    const floor = await difflib(pairs, times * rounds);
    const both = () => void scorePatch({ ...given, labels: 'derived' });
    const first = await measureJobs({ both }, { rounds: 1, warmUp: 0 });
    const labels = deriveLabels(given);
    const best = await measureJobs(
      {
        labels: () => void deriveLabels(given),
        score: () => void scorePatch({ ...given, labels }),
        both,
      },
      { rounds: times * rounds, warmUp: 2 },
    );
    const of = `${FILES} files, ${changed} changed`;
    const goal = changed === 20 ? { cpuMs: 30 } : null;
    rows.push(row(`scoring ${of}`, best.score, floor, goal));
    rows.push(row(`deriving labels, ${of}`, best.labels, floor));
    rows.push(row(`both, ${of}`, best.both, floor, goal));
    if (rows.length === 3) rows.push(row(`both, ${of}, first in its process`, first.both, floor));
  }
  for (const [what, lines] of Object.entries(HARD)) {
    const given = {
      before: treeOf([['import toml']]),
      after: treeOf([['import tomli', ...lines(1)]]),
      candidate: treeOf([['import tomli', ...lines(2)]]),
      ...LIBRARIES,
      labels: 'all',
    };
    const best = await measureJobs({ score: () => void scorePatch(given) }, { rounds, warmUp: 0 });
    rows.push(row(what, best.score, null));
  }
  return { rows };
}

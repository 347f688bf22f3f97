// CPU time of the patch of a 500-file repository in this process, against Python's difflib over the same files.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const cpuMs = () => process.cpuUsage().user / 1000;
const root = path.dirname(import.meta.dirname);
const scratch = mkdtempSync(path.join(tmpdir(), 'mig-pipeline-bench-'));
try {
  const entry = ['score-patch', 'derive-labels']
    .map((name) => `export * from './src/scoring/${name}.ts';`)
    .join('\n');
  const outfile = path.join(scratch, 'scoring.mjs');
  await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent',
  });
  const { scorePatch, deriveLabels } = await import(pathToFileURL(outfile).href);

  let seed = 7;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const line = (i) =>
    [
      `    value_${random(40)} = self.table[${random(900)}].get("key_${random(60)}", None)`,
      `    if value_${random(40)} is not None and len(names) > ${random(30)}:`,
      `        raise ValueError("no entry %s of %d" % (name, ${i}))`,
      `    result.append(make_item(name=${random(9)}, other=[x for x in range(${random(50)})]))`,
    ][random(4)];
  const file = (n) =>
    ['import os', 'import toml', '', `def work_${n}(path, names):`, '    config = toml.load(path)']
      .concat(Array.from({ length: 200 }, (_, i) => line(i)))
      .concat(['    return toml.dumps(config)', '']);
  const migrated = (lines) =>
    lines.flatMap((text) =>
      text.includes('toml.load(')
        ? ["    with open(path, 'rb') as stream:", '        config = tomli.load(stream)']
        : [text.replace('import toml', 'import tomli').replace('toml.dumps', 'tomli_w.dumps')],
    );
  const attempt = (lines, n) =>
    migrated(lines).map((text, i) => (i % 60 === n % 60 ? `${text}  # noqa` : text.replace('stream', 'f')));
  const tree = (files) => {
    const bytes = new Map(files.map((lines, n) => [`package/module_${n}.py`, Buffer.from(lines.join('\n'))]));
    const entries = new Map(
      [...bytes].map(([name, content]) => [
        name,
        { id: createHash('sha1').update(content).digest('hex'), mode: '100644' },
      ]),
    );
    return { bytes, entries, read: (name) => bytes.get(name) };
  };
  const library = (name) => [
    { name, importNames: [name], version: null, constraint: null, provenance: 'unknown' },
  ];
  const before = Array.from({ length: 500 }, (_, n) => file(n));
  const best = (job) => {
    let least = Infinity;
    for (let round = 0; round < 7; round++) {
      const start = cpuMs();
      job();
      least = Math.min(least, cpuMs() - start);
    }
    return least;
  };
  const python = `
import difflib, json, sys, time
pairs = json.load(sys.stdin)
start = time.process_time()
for a, b in pairs: difflib.SequenceMatcher(None, a.splitlines(), b.splitlines()).ratio()
print((time.process_time() - start) * 1000)`;
  for (const changed of [20, 500]) {
    const trees = {
      before: tree(before),
      after: tree(before.map((lines, n) => (n < changed ? migrated(lines) : lines))),
      candidate: tree(before.map((lines, n) => (n < changed ? attempt(lines, n) : lines))),
    };
    const libraries = { source: library('toml'), target: library('tomli') };
    const labels = deriveLabels({ ...trees, ...libraries });
    const derive = best(() => deriveLabels({ ...trees, ...libraries }));
    const score = best(() => scorePatch({ ...trees, ...libraries, labels }));
    const pairs = [...trees.before.entries.keys()]
      .slice(0, changed)
      .map((name) => [`${trees.after.read(name)}`, `${trees.candidate.read(name)}`]);
    const timed = spawnSync('python3', ['-c', python], { input: JSON.stringify(pairs), maxBuffer: 1e8 });
    const floor = Number(timed.stdout);
    const { editF1 } = scorePatch({ ...trees, ...libraries, labels });
    console.log(
      `500 files, ${changed} changed: score ${score.toFixed(1)} ms, labels ${derive.toFixed(1)} ms, ` +
        `difflib in Python ${floor.toFixed(1)} ms, ratio ${(score / floor).toFixed(2)} (editF1 ${editF1.toFixed(3)})`,
    );
  }
  // One unit with thousands of lines on either side, and lines of thousands of tokens.
  const rewrite = (name) =>
    Array.from(
      { length: 2000 },
      (_, i) => `${name}_${i % 700} = call_${i % 90}(${name}, ${i}, key=${i % 7})`,
    );
  const data = (shift) =>
    Array.from(
      { length: 20 },
      (_, i) => `T${i} = [${Array.from({ length: 5000 }, (_, n) => (n * (i + shift)) % 977).join(', ')}]`,
    );
  for (const [what, make] of [
    ['2,000 lines rewritten', (n) => rewrite('abc'[n])],
    ['20 lines of 10,000 tokens', (n) => data(n * 3)],
  ]) {
    const trees = {
      before: tree([['import toml']]),
      after: tree([['import tomli', ...make(1)]]),
      candidate: tree([['import tomli', ...make(2)]]),
    };
    const start = cpuMs();
    scorePatch({ ...trees, labels: 'all', source: library('toml'), target: library('tomli') });
    console.log(`${what}: ${(cpuMs() - start).toFixed(0)} ms`);
  }
  writeFileSync(path.join(scratch, 'done'), '');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

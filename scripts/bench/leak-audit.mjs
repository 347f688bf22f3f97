// What it costs to look at everything that an agent is about to get, beside reading the same files once.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importSources } from './bundle.mjs';
import { measureJobs } from './in-process.mjs';
import { row } from './rows.mjs';
import { scratchFolder } from './scratch.mjs';

/** 160 files of 200 lines. */
const [FILES, LINES] = [160, 200];
/** An environment of some size: 12 MB of libraries in 900 files, and bytecode of as many. */
const [LIBRARIES, MODULES, MODULE_LINES] = [30, 30, 190];
const GOAL_MS = 500;

let seed = 11;
const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
const NOUNS = 'table entry config stream reader writer header record symbol buffer socket window'.split(' ');
const noun = () => NOUNS[random(NOUNS.length)];
const line = (of) =>
  [
    `    ${noun()}_${random(90)} = self.${noun()}_${of}_${random(400)}.get("key_${random(60)}", None)`,
    `    if ${noun()}_${random(90)} is not None and len(names) > ${random(30)}:`,
    `        raise ValueError("no ${noun()} %s of ${of}" % (name, ${random(1000)}))`,
    `    result.append(make_${noun()}_${of}(name=${random(9)}, other=[x for x in range(${random(50)})]))`,
  ][random(4)];
const moduleText = (of, lines) =>
  [
    `import toml`,
    ``,
    `def work_${of}(path, names):`,
    ...Array.from({ length: lines - 3 }, () => line(of)),
  ].join('\n');

function write(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function git(dir, ...args) {
  const done = spawnSync('git', ['-C', dir, '-c', 'user.name=b', '-c', 'user.email=b@b', ...args], {
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`git ${args[0]}: ${done.stderr}`);
  return done.stdout.trim();
}

/** Both trees; the later one has twenty changed files and one new test. */
function repository(dir) {
  mkdirSync(dir);
  git(dir, 'init', '-q', '-b', 'main');
  const texts = Array.from({ length: FILES }, (_, at) => moduleText(at, LINES));
  const commit = () => {
    git(dir, 'add', '-A');
    git(dir, 'commit', '-qm', 'x');
    return git(dir, 'rev-parse', 'HEAD^{tree}');
  };
  texts.forEach((text, at) => write(path.join(dir, `package/module_${at}.py`), text));
  const before = commit();
  for (let at = 0; at < 20; at++)
    write(
      path.join(dir, `package/module_${at}.py`),
      texts[at].replace(
        'import toml',
        `import tomli\n\ndef read_settings_bytes_${at}(path):\n    return tomli.load(open(path, "rb"))`,
      ),
    );
  write(path.join(dir, 'tests/test_settings_bytes.py'), moduleText('of_tests', LINES));
  return { before, after: commit() };
}

/** Installed distributions with their records, and bytecode beside them. */
function environment(dir) {
  const packages = path.join(dir, 'lib/python3.11/site-packages');
  for (let number = 0; number < LIBRARIES; number++) {
    const name = `library${number}`;
    const record = [];
    for (let at = 0; at < MODULES; at++) {
      const text = moduleText(`${name}_${at}`, MODULE_LINES);
      write(path.join(packages, name, `module_${at}.py`), text);
      write(
        path.join(packages, name, '__pycache__', `module_${at}.cpython-311.pyc`),
        text.replaceAll('\n', '\0'),
      );
      record.push(
        `${name}/module_${at}.py,sha256=${createHash('sha256').update(text).digest('base64url')},${text.length}`,
      );
    }
    write(path.join(packages, `${name}-1.0.dist-info/METADATA`), `Metadata-Version: 2.1\nName: ${name}\n`);
    write(path.join(packages, `${name}-1.0.dist-info/RECORD`), `${record.join('\n')}\n`);
  }
  return dir;
}

const filesOf = (dirs) =>
  dirs.flatMap((dir) =>
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );

export async function leakAudit({ rounds, say }) {
  const { answerOf, auditStart, makeWorkspace, NOTHING_HIDDEN, Remembered } = await importSources(
    'audit/answer',
    'audit/audit-start',
    'audit/remembered',
    'runners/agent-workspace',
  );
  say('a repository of 32,000 lines and its environment');
  const top = scratchFolder();
  const repo = path.join(top, 'repo');
  const { before, after } = repository(repo);
  const [workspace, input, output] = ['workspace', 'input', 'output'].map((name) => path.join(top, name));
  const made = await makeWorkspace(repo, before, workspace);
  if (!made.ok) throw new Error(made.failure.detail);
  write(path.join(input, 'prompt.md'), 'Migrate it.\n');
  mkdirSync(output);
  const env = environment(path.join(top, 'env'));
  const files = filesOf([workspace, input, env]);
  const places = [
    { at: '/workspace', host: workspace, mode: 'rw', kind: 'workspace' },
    { at: '/input', host: input, mode: 'ro', kind: 'input' },
    { at: '/output', host: output, mode: 'rw', kind: 'output' },
    { at: '/env', host: env, mode: 'ro', kind: 'environment' },
  ];
  const hidden = {
    ...NOTHING_HIDDEN,
    after,
    commits: ['3f9c1d2ab47e5608f1d2c3b4a5968778695a4b3c'],
    libraries: ['toml', 'tomli'],
  };
  const remembered = new Remembered(path.join(top, 'audits'));
  const start = async () => {
    const answer = await answerOf(repo, before, hidden);
    if (!answer.ok) throw new Error(answer.failure.detail);
    const report = await auditStart({
      ...{
        workspace,
        places,
        texts: [],
        variables: { given: [], allowed: [] },
        answer: answer.value,
        image: null,
      },
      ...{
        bounds: { dataDir: path.join(top, 'data'), hidden: [repo] },
        secrets: [],
        granted: [],
        remembered,
      },
    });
    if (!report.ok || report.value.findings.length > 0 || report.value.looked.files < files.length - FILES)
      throw new Error(`a clean start was not clean: ${JSON.stringify(report).slice(0, 500)}`);
  };
  const read = () => void files.reduce((sum, file) => sum + readFileSync(file).length, 0);
  // a new time of one file makes the environment one that was not seen before
  const anew = async () => {
    utimesSync(path.join(env, 'lib/python3.11/site-packages/library0/module_0.py'), new Date(), new Date());
    await start();
  };
  const best = await measureJobs({ anew, start, read }, { rounds: rounds * 5, warmUp: 1 });
  const floor = { is: 'reading the files once', ...best.read };
  const of = `${FILES * LINES} lines`;
  return {
    rows: [
      row(`leak audit, ${of}, environment not seen before`, best.anew, floor, { wallMs: GOAL_MS }),
      row(`leak audit, ${of}, next start`, best.start, floor, { wallMs: GOAL_MS }),
    ],
  };
}

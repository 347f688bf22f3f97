import { Remembered } from '../../src/audit/remembered.ts';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Answer, answerOf, type HiddenKnowledge } from '../../src/audit/answer.ts';
import { auditStart } from '../../src/audit/audit-start.ts';
import type { AuditReport, AuditRequest } from '../../src/audit/request.ts';
import { type Sha, sha } from '../../src/model/ids.ts';
import { makeWorkspace } from '../../src/runners/agent-workspace.ts';
import { placesOf } from '../../src/runners/mounts.ts';
import { type Files, plainGit, writeFiles } from './git-repository.ts';
import { scratchFolder } from './scratch.ts';

export const COMMIT = '3f9c1d2ab47e5608f1d2c3b4a5968778695a4b3c';

const ORDINARY = `import os
import toml


def read(path):
    return toml.loads(open(path).read())
`;
export const BEFORE: Files = {
  'confy/reader.py': ORDINARY,
  'confy/__init__.py': '"""Reads settings."""\n',
  'tests/test_reader.py': 'from confy.reader import read\n\n\ndef test_reads():\n    assert read\n',
  'setup.cfg': '[metadata]\nname = confy\nversion = 1.4\n',
  'docs/link.txt': { link: '../setup.cfg' },
  'README.md': 'See https://github.com/acme/confy/pull/3 and https://github.com/acme/confy/releases/1.\n',
};

export const ANSWER = {
  reader: `import os
import tomli


def read_settings_document(path):
    with open(path, "rb") as settings_stream:
        return tomli.load(settings_stream)


def read(path):
    return read_settings_document(path)
`,
  test: `from confy.reader import read_settings_document


def test_settings_document_is_read_as_bytes(tmp_path):
    sample = tmp_path / "sample.toml"
    sample.write_bytes(b"answer = 42")
    assert read_settings_document(sample) == {"answer": 42}
`,
  line: '        return tomli.load(settings_stream)',
  word: 'read_settings_document',
  testName: 'test_settings_document_is_read_as_bytes',
  testPath: 'tests/test_settings_document.py',
};
const AFTER: Files = {
  ...BEFORE,
  'confy/reader.py': ANSWER.reader,
  [ANSWER.testPath]: ANSWER.test,
  'setup.cfg': '[metadata]\nname = confy\nversion = 2.0\n',
};

/** A start that is ready and holds nothing that it should not: folders of the host, by what they are. */
export interface AuditedStart {
  readonly top: string;
  readonly dataDir: string;
  readonly repo: string;
  readonly workspace: string;
  readonly input: string;
  readonly output: string;
  readonly agent: string;
  readonly environment: string;
  /** `site-packages` of the environment. */
  readonly packages: string;
  readonly helperTests: string;
  readonly trees: { readonly before: Sha; readonly after: Sha };
  readonly answer: Answer;
  request(): AuditRequest;
}

export async function audited(request: AuditRequest): Promise<AuditReport> {
  const report = await auditStart(request);
  if (!report.ok) throw new Error(JSON.stringify(report.failure));
  return report.value;
}

/** The repository of a migration as the pipeline keeps it: two trees, `main` and `gt-patch`. */
function repository(dir: string): AuditedStart['trees'] {
  mkdirSync(dir, { recursive: true });
  plainGit(dir, 'init', '-q', '-b', 'main');
  const commit = (files: Files): Sha => {
    plainGit(dir, 'rm', '-rfq', '--ignore-unmatch', '.');
    writeFiles(dir, files);
    plainGit(dir, 'add', '-A');
    plainGit(dir, 'commit', '-qm', 'x');
    return sha(plainGit(dir, 'rev-parse', 'HEAD^{tree}'));
  };
  return { before: commit(BEFORE), after: commit(AFTER) };
}

/** Installs a distribution as an installer does, with its record. */
export function install(packages: string, name: string, version: string, files: Readonly<Record<string, string>>): void {
  const info = `${name}-${version}.dist-info`;
  const all = { ...files, [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n` };
  writeFiles(packages, all);
  const lines = Object.entries(all).map(([file, content]) => {
    const hash = createHash('sha256').update(content).digest('base64url');
    return `${file},sha256=${hash},${content.length}`;
  });
  writeFileSync(path.join(packages, info, 'RECORD'), [...lines, `${info}/RECORD,,`, ''].join('\n'));
} // prettier-ignore

export async function readyStart(): Promise<AuditedStart> {
  const top = scratchFolder();
  const dataDir = path.join(top, 'data');
  const folder = (...names: string[]): string => {
    const dir = path.join(top, ...names);
    mkdirSync(dir, { recursive: true });
    return dir;
  };
  const repo = path.join(dataDir, 'repos', 'acme@confy');
  const trees = repository(repo);
  const workspace = folder('data', 'scratch', 'workspace');
  const made = await makeWorkspace(repo, trees.before, workspace);
  if (!made.ok) throw new Error(made.failure.detail);
  const [input, agent] = [folder('data/scratch/input'), folder('agents/one')];
  folder('data/scratch/output');
  writeFiles(input, {
    'prompt.md': 'Migrate this from toml to tomli. Run the tests.\n',
    'task.json': '{"schema": 1, "source": [{"name": "toml"}], "target": [{"name": "tomli"}]}\n',
    'helper-tests/tests/test_reader.py': BEFORE['tests/test_reader.py'] as string,
    'helper-tests/mig_generated/tests/test_made.py': 'import confy\n\n\ndef test_made():\n    assert confy.__doc__\n',
  });
  writeFiles(agent, {
    'agent.yaml': 'schema: 1\n',
    'run.py': 'import sys\n\n\ndef run_everything(path):\n    with open(path, "rb") as stream:\n        return stream.read()\n',
  });
  const environment = folder('data/envs/u/p/ab');
  const packages = folder('data/envs/u/p/ab/lib/python3.11/site-packages');
  writeFiles(environment, { 'pyvenv.cfg': 'home = /usr/bin\n', 'bin/python': { link: '/usr/bin/python3' } });
  install(packages, 'tomli', '2.0.1', { 'tomli/__init__.py': 'def load(stream):\n    return {}\n' });
  install(packages, 'attrs', '22.2.0', { 'attr/__init__.py': 'def define(maybe_cls=None):\n    return maybe_cls\n' });
  const hidden: HiddenKnowledge = {
    after: trees.after,
    evalTests: null,
    helperTests: path.join(input, 'helper-tests'),
    commits: [COMMIT],
    repository: 'acme/confy',
    project: { names: ['confy'], before: null, after: null },
    libraries: ['toml', 'tomli'],
  };
  const answer = await answerOf(repo, trees.before, hidden);
  if (!answer.ok) throw new Error(answer.failure.detail);
  return startAt(top, trees, answer.value);
} // prettier-ignore

/** A copy that may be spoilt. */
export function copyOf(start: AuditedStart): AuditedStart {
  const top = scratchFolder();
  cpSync(start.top, top, { recursive: true, verbatimSymlinks: true });
  return startAt(top, start.trees, start.answer);
}

function startAt(top: string, trees: AuditedStart['trees'], answer: Answer): AuditedStart {
  const dataDir = path.join(top, 'data');
  const [repo, scratch] = [path.join(dataDir, 'repos', 'acme@confy'), path.join(dataDir, 'scratch')];
  const [workspace, input, output] = [path.join(scratch, 'workspace'), path.join(scratch, 'input'), path.join(scratch, 'output')];
  const [agent, environment] = [path.join(top, 'agents/one'), path.join(dataDir, 'envs/u/p/ab')];
  return {
    ...{ top, dataDir, repo, workspace, input, output, agent, environment, trees, answer },
    packages: path.join(environment, 'lib/python3.11/site-packages'),
    helperTests: path.join(input, 'helper-tests'),
    request: () => ({
      workspace,
      places: placesOf([
        { host: workspace, at: '/workspace', mode: 'rw' },
        { host: input, at: '/input', mode: 'ro' },
        { host: output, at: '/output', mode: 'rw' },
        { host: agent, at: '/agent', mode: 'ro' },
        { host: environment, at: '/env', mode: 'ro' },
      ]),
      texts: [
        { what: 'argument 1', text: '/agent/run.py', side: 'agent' },
        { what: 'variable PATH', text: '/env/bin:/usr/bin', side: 'ours' },
        { what: 'variable GIT_CONFIG_KEY_0', text: 'safe.directory', side: 'ours' },
        { what: 'variable MODEL_TOKEN', text: 'mig-token-of-this-start-0001', side: 'ours' },
      ],
      variables: { given: ['LANGUAGE'], allowed: ['LANGUAGE'] },
      answer,
      image: null,
      bounds: { dataDir, hidden: ['repos', 'eval-tests', 'score'].map((name) => path.join(dataDir, name)) },
      secrets: ['zz-host-secret-0123456789'],
      remembered: new Remembered(null),
    granted: ['mig-token-of-this-start-0001'],
    }),
  };
} // prettier-ignore

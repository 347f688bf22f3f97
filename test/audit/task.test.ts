import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EnvironmentArtefact } from '../../src/model/artefacts.ts';
import type { Failure } from '../../src/model/failure.ts';
import { digest, unitId } from '../../src/model/ids.ts';
import type { Result } from '../../src/model/result.ts';
import type { TaskWork } from '../../src/pipeline/task.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { readAgent } from '../../src/runners/agents.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { createLocalRuntime } from '../../src/runtimes/local.ts';
import { type CodingAgentContext, defineCodingAgent } from '../../src/tasks/coding-agent.ts';
import { type SuiteMakerContext, testingSession } from '../../src/tasks/testing-session.ts';
import { ANSWER, type AuditedStart, COMMIT, copyOf, install, readyStart } from '../rigs/audited-start.ts';
import { writeFiles } from '../rigs/git-repository.ts';
import { taskWork } from '../rigs/task-work.ts';

let template: AuditedStart;
let runtime: Runtime;
beforeAll(async () => {
  template = await readyStart();
  // plain processes: whatever an agent does is seen on this machine
  const made = createLocalRuntime({
    platform: 'local~t',
    base: 't',
    unsafeLocal: true,
    isolation: 'process',
  });
  if (!made.ok) throw new Error('no local runtime');
  runtime = made.value;
});

/** A unit of the pipeline whose coding agent leaves a mark as soon as it runs. */
interface Unit {
  readonly start: AuditedStart;
  readonly work: TaskWork;
  readonly mark: string;
  readonly evalTests: string;
  readonly agent: string;
  readonly context: CodingAgentContext;
}

const LIMITS = {
  memoryBytes: 2 ** 30,
  cpus: 1,
  pids: 64,
  wallMs: 60_000,
  idleMs: null,
  outputBytes: 2 ** 24,
};
const library = (name: string) => ({ name, importNames: [name], version: '1', constraint: null, provenance: 'pinned' as const }); // prettier-ignore
const migration: CodingAgentContext['migration'] = {
  kind: 'swap',
  source: [library('toml')],
  target: [library('tomli')],
  owner: 'acme',
  repo: 'confy',
  before: { kind: 'git', url: null, commit: COMMIT, parentOf: true },
  after: { kind: 'git', url: null, commit: COMMIT, parentOf: false },
};

function unitOf(role: 'coding' | 'testing' = 'coding'): Unit {
  const start = copyOf(template);
  const mark = path.join(start.top, 'mark');
  const agent = path.join(start.top, 'agents', 'marks');
  writeFiles(agent, {
    'agent.yaml': `schema: 1\nrole: ${role}\nversion: "1"\ndescription: Leaves a mark.\ncommand: [python3, /agent/run.py]\nenvironment: [HINT]\nparameters:\n  hint: { type: string, default: "" }\n`,
    'run.py': `open(${JSON.stringify(mark)}, "w").close()\n`,
  });
  const read = readAgent(agent, 'folder');
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  const work = {
    ...taskWork(path.join(start.dataDir, 'work')),
    artefact: ((task: string) => {
      if (task === 'repo_dl')
        return { dir: start.repo, beforeTree: start.trees.before, afterTree: start.trees.after };
      if (task === 'helper_test') return { dir: path.join(start.top, 'helper'), ids: [], why: null };
      return environmentOf(start);
    }) as TaskWork['artefact'],
  };
  mkdirSync(path.join(start.top, 'helper'));
  const evalTests = path.join(start.dataDir, 'eval-tests', 'u');
  const context: CodingAgentContext = {
    ...{ unit: unitId('u'), variant: 'marks', outputDir: work.dir, migration, agent: read.value },
    ...{
      parameters: {},
      model: null,
      access: null,
      attempt: 1,
      limits: LIMITS,
      runtimeKind: 'local',
      anyRuntime: true,
    },
    runtime: () => Promise.resolve({ ok: true, value: runtime }),
    ...{ dataDir: start.dataDir, cacheDir: path.join(start.top, 'cache'), evalTests },
    hidden: ['repos', 'eval-tests', 'score'].map((name) => path.join(start.dataDir, name)),
    hostVariables: {},
  };
  return { start, work, mark, evalTests, agent, context };
}

function environmentOf(start: AuditedStart): EnvironmentArtefact {
  const record = {
    ...{ status: 'ready', why: '', roles: { a: 'ab', b: 'ab', work: 'ab' }, block: 'gone', environments: [] },
    ...{ source: [library('toml')], target: [library('tomli')], pythonpath: ['.'], testsCwd: '.', testPaths: [], testArgs: [] },
    interpreter: { version: '3.11.2', origin: 'path', why: '' },
  }; // prettier-ignore
  return { dir: path.dirname(start.environment), record: record as unknown as EnvironmentArtefact['record'] };
}

const ended = async ({ context, work }: Unit): Promise<Result<unknown, Failure>> =>
  await defineCodingAgent(context).run(work);
const reportIn = (dir: string) =>
  JSON.parse(readFileSync(path.join(dir, 'audit.json'), 'utf8')) as {
    findings: { rule: string }[];
    looked: { files: number };
  };

test('a clean start runs, and its report is kept with the attempt', async () => {
  const unit = unitOf();
  expect(await ended(unit)).toMatchObject({ ok: true, value: { outcome: 'no-patch' } });
  expect(existsSync(unit.mark)).toBe(true);
  const report = reportIn(unit.work.dir);
  expect(report.findings).toEqual([]);
  // the six files of the tree before, the environment's six, and what was written for this start
  expect(report.looked.files).toBeGreaterThan(15);
});

describe('a leak ends the task before the agent has begun', () => {
  test.each<[string, 'bug' | 'config', string, (unit: Unit) => Unit]>([
    ['in the agent’s folder', 'config', 'answer-file', (unit) => {
      writeFiles(unit.agent, { 'memory.txt': ANSWER.reader });
      return unit;
    }],
    ['in a parameter', 'config', 'rare-token', (unit) => ({ ...unit, context: { ...unit.context, parameters: { hint: ANSWER.word } } })],
    ['in a variable', 'config', 'rare-token', (unit) => ({ ...unit, context: { ...unit.context, hostVariables: { HINT: ANSWER.word } } })],
    ['a key in a variable', 'config', 'host-secret', (unit) => ({
      ...unit,
      context: { ...unit.context, hostVariables: { HINT: 'of-the-host-12345', SOME_TOKEN: 'of-the-host-12345' } },
    })],
    ['among helper tests', 'bug', 'hidden-test', (unit) => {
      writeFiles(path.join(unit.start.top, 'helper/tests'), { 'test_x.py': ANSWER.test });
      return unit;
    }],
    ['among helper tests, of the hidden generated ones', 'bug', 'hidden-test', (unit) => {
      const content = 'def test_that_a_generator_wrote():\n    assert "some hidden answer" in "some hidden answers"\n';
      writeFiles(path.join(unit.evalTests, 'generated'), { 'mig_generated/tests/test_g.py': content });
      writeFiles(path.join(unit.start.top, 'helper/tests'), { 'mig_generated/tests/test_h.py': content });
      return unit;
    }],
    ['the migrated package in the environment', 'bug', 'migrated-package', (unit) => {
      install(unit.start.packages, 'confy', '2.0', { 'confy/x.py': 'X = 1\n' });
      return unit;
    }],
    ['a link into the data folder', 'bug', 'symlink-out', (unit) => {
      symlinkSync(unit.start.repo, path.join(unit.start.environment, 'answer'));
      return unit;
    }],
    ['an environment that is a hidden folder', 'bug', 'mount-hidden', (unit) => ({
      ...unit,
      context: { ...unit.context, hidden: [...unit.context.hidden, unit.start.environment] },
    })],
  ])('%s', async (_, kind, rule, spoil) => {
    const unit = spoil(unitOf());
    const done = await ended(unit);
    expect(done).toMatchObject({ ok: false, failure: { class: kind, reason: 'agent-leak', pair: 'toml -> tomli' } });
    expect(existsSync(unit.mark)).toBe(false);
    expect(existsSync(path.join(unit.work.logDir, 'agent.stdout'))).toBe(false);
    expect(reportIn(unit.work.logDir).findings.map((found) => found.rule)).toContain(rule);
    const words = done.ok ? '' : failureMessage(done.failure);
    expect(words).toContain(kind === 'bug' ? 'bug of mig-pipeline' : 'is refused for toml -> tomli');
    expect(words).toContain(rule);
    expect(words).not.toContain(ANSWER.word);
  });
}); // prettier-ignore

describe('a testing agent', () => {
  const session = async (unit: Unit, isEval: boolean): Promise<Result<unknown, Failure>> => {
    const { context, start } = unit;
    const testing = { ...context, digest: digest('0'.repeat(64)) };
    const suite = { ...context, migration: { ...migration, id: unitId('u') } } as unknown as SuiteMakerContext;
    const truth = isEval ? { after: start.trees.after, labels: [] } : null;
    return await testingSession(suite, testing, unit.work, runtime, truth);
  };

  test('in mode helper it is not started with the answer at hand', async () => {
    const unit = unitOf('testing');
    writeFiles(unit.agent, { 'memory.txt': ANSWER.reader });
    expect(await session(unit, false)).toMatchObject({ ok: false, failure: { class: 'config', reason: 'agent-leak' } });
    expect(existsSync(unit.mark)).toBe(false);
  });

  test('in mode helper a clean one is started', async () => {
    const unit = unitOf('testing');
    expect(await session(unit, false)).toMatchObject({ ok: true });
    expect(existsSync(unit.mark)).toBe(true);
  });

  test('in mode eval the answer is what it is given', async () => {
    const unit = unitOf('testing');
    writeFiles(unit.agent, { 'memory.txt': ANSWER.reader });
    expect(await session(unit, true)).toMatchObject({ ok: true });
    expect(existsSync(unit.mark)).toBe(true);
  });
}); // prettier-ignore

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { digest, unitId, type Digest, type TaskId, type UnitId } from '../../src/model/ids.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';
import type { Failure } from '../../src/model/failure.ts';
import { sha256 } from '../../src/workspace/disk.ts';
import type { Completion, Need, Port, Task, TaskWork } from '../../src/pipeline/task.ts';

/** The real graph's needs and ports. */
export const GRAPH: Readonly<
  Record<TaskId, { needs: string[]; ports: Record<string, 'public' | 'hidden'> }>
> = {
  repo_dl: { needs: [], ports: { before: 'public', after: 'hidden', labels: 'hidden' } },
  env_setup: { needs: ['repo_dl.before', 'repo_dl.after'], ports: { environment: 'public' } },
  helper_test: {
    needs: ['repo_dl.before', 'env_setup.environment'],
    ports: { 'helper-suite': 'public' },
  },
  eval_test: {
    needs: ['repo_dl.before', 'repo_dl.after', 'repo_dl.labels', 'env_setup.environment'],
    ports: { 'eval-suite': 'hidden' },
  },
  coding_agent: {
    needs: ['repo_dl.before', 'env_setup.environment', 'helper_test.helper-suite'],
    ports: { patch: 'public' },
  },
  patch_eval: {
    needs: ['coding_agent.patch', 'repo_dl.before', 'repo_dl.after', 'repo_dl.labels'],
    ports: { score: 'hidden' },
  },
  unit_test_eval: {
    needs: ['coding_agent.patch', 'repo_dl.before', 'eval_test.eval-suite', 'env_setup.environment'],
    ports: { score: 'hidden' },
  },
};
export const ALL = Object.keys(GRAPH) as TaskId[];
export const UNIT: UnitId = unitId('a__b__o@r__12345678');
const PLACES: Record<TaskId, (variant: string) => string[]> = {
  repo_dl: () => ['repos', 'o@r__12345678'],
  env_setup: () => ['envs', UNIT, 'local~x'],
  helper_test: () => ['input-tests', UNIT, 't'],
  eval_test: () => ['eval-tests', UNIT, 't'],
  coding_agent: (variant) => ['trajectories', UNIT, variant],
  patch_eval: (variant) => ['score', UNIT, `${variant}~t`, 'patch_eval'],
  unit_test_eval: (variant) => ['score', UNIT, `${variant}~t`, 'unit_test_eval'],
};
const SHARED = new Set<TaskId>(['repo_dl', 'env_setup', 'helper_test', 'eval_test']);

/** What a test may change of a task; everything else is the graph's. */
export interface Script {
  content?: string;
  params?: Task['params'];
  acceptsAny?: string[];
  codeVersion?: number;
  inputFiles?: Task['inputFiles'];
  knownPorts?: Record<string, Digest>;
  outcome?: string;
  act?: (work: TaskWork) => Promise<Result<Partial<Completion>, Failure> | undefined>;
  load?: (dir: string) => Result<unknown, string>;
}
export type Scripts = Partial<Record<TaskId, Script>>;

export interface Rig {
  readonly dataDir: string;
  readonly runsDir: string;
  readonly locksDir: string;
  /** Task ids in the order in which their work began. */
  readonly ran: TaskId[];
  tasks(scripts?: Scripts, variant?: string): Task[];
}

/** Tasks whose work is to write `out.txt`: its content is what the script says and what was read. */
export function makeRig(dataDir: string): Rig {
  const ran: TaskId[] = [];
  return {
    dataDir,
    runsDir: path.join(dataDir, 'runs'),
    locksDir: path.join(dataDir, '.locks'),
    ran,
    tasks: (scripts = {}, variant = 'v') =>
      ALL.map((id) => scriptedTask(id, dataDir, scripts[id] ?? {}, variant, ran)),
  };
}

function scriptedTask(id: TaskId, dataDir: string, script: Script, variant: string, ran: TaskId[]): Task {
  const needs = GRAPH[id].needs.map((name): Need => {
    const [task, port] = name.split('.') as [TaskId, string];
    return { task, port };
  });
  const provides = Object.entries(GRAPH[id].ports).map(([name, visibility]): Port => ({ name, visibility }));
  const shared = SHARED.has(id);
  return {
    id,
    unit: UNIT,
    variant: shared ? null : variant,
    needs,
    provides,
    codeVersion: script.codeVersion ?? 1,
    params: script.params ?? {},
    acceptsAny: script.acceptsAny ?? [],
    inputFiles: script.inputFiles ?? [],
    knownPorts: script.knownPorts ?? {},
    outputDir: path.join(dataDir, ...PLACES[id](variant)),
    shared,
    run: async (work) => {
      ran.push(id);
      mkdirSync(path.join(work.dir, 'sub'));
      const read = [...new Set(needs.map(({ task }) => task))].map((task) => {
        const artefact = work.artefact<{ text: string }>(task);
        return artefact.text.length;
      });
      const text = script.content ?? `${id}\n`;
      writeFileSync(path.join(work.dir, 'out.txt'), text);
      writeFileSync(path.join(work.dir, 'sub', 'unlisted.txt'), JSON.stringify(read));
      const acted = await script.act?.(work);
      if (acted?.ok === false) return acted;
      const ports = Object.fromEntries(provides.map(({ name }) => [name, digest(sha256(`${name}:${text}`))]));
      return ok({
        outcome: script.outcome ?? 'done',
        ports,
        files: ['out.txt'],
        ...(acted?.ok === true ? acted.value : {}),
      });
    },
    load: script.load ?? loadText,
  };
}

function loadText(dir: string): Result<unknown, string> {
  const file = path.join(dir, 'out.txt');
  if (!existsSync(file)) return fail('there is no out.txt');
  return ok({ dir, text: readFileSync(file, 'utf8') });
}

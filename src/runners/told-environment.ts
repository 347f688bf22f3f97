import type { EnvironmentArtefact } from '../model/artefacts.ts';
import type { Mount, Runtime } from '../runtimes/runtime.ts';
import type { ToldEnvironment } from './coding-input.ts';
import { mountEnvironment } from './environment.ts';

/** What an agent gets of `env_setup`: mounts, variables, and what `task.json` says of it. */
export interface AgentEnvironment {
  readonly mounts: readonly Mount[];
  readonly variables: Readonly<Record<string, string>>;
  /** Why there is none; empty when there is one. */
  readonly why: string;
  /** As told to the agent that sees the tree at `workspace`; null where there is none. */
  environment(workspace: string): ToldEnvironment | null;
}

/** The environment that agents work in, and where it differs the one of the code before; none where it could not be made. */
export function tellEnvironment(artefact: EnvironmentArtefact, runtime: Runtime): AgentEnvironment {
  const { record } = artefact;
  const { roles, interpreter } = record;
  if (record.status !== 'ready' || roles === null || interpreter === null) {
    const why = `${record.status}: ${record.why}`;
    return { mounts: [], variables: {}, why, environment: () => null };
  }
  const work = mountEnvironment(artefact, roles.work, runtime);
  const old = roles.a === roles.work ? null : mountEnvironment(artefact, roles.a, runtime, '/env-old');
  const known = new Set(work.mounts.map(({ at }) => at));
  const packages = record.environments.find(({ folder }) => folder === roles.work)?.resolved ?? [];
  const below = (workspace: string, folder: string): string =>
    folder === '.' ? workspace : `${workspace}/${folder}`;
  return {
    mounts: [...work.mounts, ...(old?.mounts ?? []).filter(({ at }) => !known.has(at))],
    variables: work.variables,
    why: '',
    environment: (workspace) => ({
      python: work.python,
      oldPython: old?.python ?? null,
      version: interpreter.version,
      packages,
      testArguments: ['-m', 'pytest', ...record.testArgs, ...record.testPaths],
      testFolder: below(workspace, record.testsCwd),
      pythonpath: record.pythonpath.map((folder) => below(workspace, folder)),
    }),
  };
}

import path from 'node:path';
import type { Place, PlaceKind } from '../audit/request.ts';
import type { Mount } from '../runtimes/runtime.ts';
import { EMPTY_FOLDER } from './environment.ts';

/** Host folders that one start may be given, by what they are. Each is a leaf made for this start, or an environment. */
export interface CodingFolders {
  readonly role: 'coding-agent';
  readonly workspace: string;
  readonly input: string;
  readonly output: string;
  /** The agent's own folder; null where its image holds everything. */
  readonly agent: string | null;
  /** Locked tools: name -> folder with the program. */
  readonly tools: Readonly<Record<string, string>>;
  /** As `mountEnvironment` gives them; empty where there is no environment. */
  readonly environment: readonly Mount[];
  /** The way to the model, of this start alone; null for agents that call none. */
  readonly door: string | null;
  /** Where its install script put the agent, unless its image holds that. */
  readonly installed?: readonly Mount[];
}

/** A testing agent; in mode `eval` it also has the ground truth, in mode `helper` never. */
export interface TestingFolders extends Omit<CodingFolders, 'role'> {
  readonly role: 'testing-agent';
  readonly mode: 'helper' | 'eval';
  /** Both trees, the patch and the labels; must be null in mode `helper`. */
  readonly groundTruth: string | null;
}

/** A run of tests: the tree under test, our own plug-in, and a place for the results outside the tree. */
export interface SuiteFolders {
  readonly role: 'test-suite';
  readonly tree: string;
  readonly plugin: string;
  readonly results: string;
  readonly environment: readonly Mount[];
}

export type RoleFolders = CodingFolders | TestingFolders | SuiteFolders;

/** Where each thing is seen inside a sandbox. */
export const AT = {
  workspace: '/workspace',
  input: '/input',
  groundTruth: '/input/ground-truth',
  output: '/output',
  agent: '/agent',
  tools: '/tools',
  door: '/gateway',
  installed: '/opt/agent',
  plugin: '/mig',
  results: '/results',
} as const;

/** Who sees what: the whole mount table of a role. Throws (a bug of ours) when ground truth is offered to a helper. */
export function mountTable(folders: RoleFolders): readonly Mount[] {
  if (folders.role === 'test-suite') {
    return [
      { host: folders.tree, at: AT.workspace, mode: 'rw' },
      { host: folders.plugin, at: AT.plugin, mode: 'ro' },
      { host: folders.results, at: AT.results, mode: 'rw' },
      ...folders.environment,
    ];
  }
  const mounts: Mount[] = [
    { host: folders.workspace, at: AT.workspace, mode: 'rw' },
    { host: folders.input, at: AT.input, mode: 'ro' },
    { host: folders.output, at: AT.output, mode: 'rw' },
  ];
  if (folders.agent !== null) mounts.push({ host: folders.agent, at: AT.agent, mode: 'ro' });
  for (const name of Object.keys(folders.tools).sort()) {
    mounts.push({ host: folders.tools[name] ?? '', at: `${AT.tools}/${name}`, mode: 'ro' });
  }
  mounts.push(...folders.environment, ...(folders.installed ?? []));
  if (folders.door !== null) mounts.push({ host: folders.door, at: AT.door, mode: 'ro' });
  if (folders.role === 'testing-agent' && folders.groundTruth !== null) {
    if (folders.mode !== 'eval') throw new Error('ground truth was offered to a helper suite');
    mounts.push({ host: folders.groundTruth, at: AT.groundTruth, mode: 'ro' });
  }
  return mounts;
}

/** What each mount of an agent's start is for, by where it stands; `known` says it of paths that are no others' business. */
export function placesOf(
  mounts: readonly Mount[],
  known: Readonly<Record<string, PlaceKind>> = {},
): readonly Place[] {
  return mounts.map(({ host, at, mode }) => ({
    host,
    at,
    mode,
    kind: known[at] ?? kindOf(host, at),
    // `<agent>-<digest>/prefix`, read-only since it was installed
    ...(at === AT.installed ? { contentId: path.basename(path.dirname(host)) } : {}),
  }));
}

function kindOf(host: string, at: string): PlaceKind {
  switch (at) {
    case AT.workspace:
      return 'workspace';
    case AT.input:
      return 'input';
    case AT.groundTruth:
      return 'truth';
    case AT.output:
      return 'output';
    case AT.agent:
    case AT.installed:
      return 'agent';
    case AT.door:
      return 'socket';
    case '/env':
    case '/env-old':
      return 'environment';
  }
  if (path.posix.dirname(at) === AT.tools) return 'tool';
  // an interpreter stands at its own path, with nothing over the packages of its folder
  return host === at || path.basename(host) === EMPTY_FOLDER ? 'interpreter' : 'other';
}

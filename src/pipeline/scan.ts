import { readdirSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { MigConfig } from '../model/mig-config.ts';
import { isAlive } from './facts.ts';
import { asLeftover } from './folder-names.ts';
import { observe } from './observe.ts';
import { isResult, type Stamp } from './stamp.ts';

/** What the files of a data folder say of one output folder. */
export interface FoundOutput {
  /** Relative to the data folder, forward slashes. */
  readonly folder: string;
  readonly unit: string;
  readonly task: string;
  readonly variant: string | null;
  /** `broken`: its stamp cannot be read. */
  readonly state: 'completed' | 'failed' | 'interrupted' | 'running' | 'broken';
  readonly stamp: Stamp | null;
  /** The process that is making it now. */
  readonly pid: number | null;
  readonly host: string | null;
  readonly since: string | null;
  /** Why there is no result, in words; empty where there is one. */
  readonly why: string;
}

/** How deep below each folder of the data folder outputs lie. */
function placesOf(dataDir: string): readonly (readonly [dir: string, depth: number])[] {
  const { paths } = MigConfig.fromBaseDir(dataDir);
  return [
    [paths.repos, 0],
    [paths.envs, 1],
    [paths.inputTests, 1],
    [paths.evalTests, 1],
    [paths.trajectories, 1],
    [paths.score, 2],
  ];
}

/** Every output folder that has a stamp or is being made, without a lock and without looking into any. */
export function scanOutputs(dataDir: string): FoundOutput[] {
  const found = placesOf(dataDir).flatMap(([dir, depth]) => outputsBelow(dir, depth));
  return found.map((out) => describe(dataDir, out));
}

/** Output folders (absolute) beside which attempts left something, whether or not their process lives. */
export function scanLeftovers(dataDir: string): string[] {
  const found = placesOf(dataDir).flatMap(([dir, depth]) => walk(dir, depth, leftoverBase));
  return [...new Set(found)];
}

function outputsBelow(dir: string, depth: number): string[] {
  const names = walk(dir, depth, (name) => /^(.+)\.(?:stamp\.json|running)$/.exec(name)?.[1]);
  return [...new Set(names)].sort();
}

function leftoverBase(name: string): string | undefined {
  return asLeftover(name)?.base;
}

function walk(dir: string, depth: number, baseOf: (name: string) => string | undefined): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
  if (depth > 0) {
    const folders = entries.filter((entry) => entry.isDirectory());
    return folders.flatMap(({ name }) => walk(path.join(dir, name), depth - 1, baseOf));
  }
  return entries.flatMap(({ name }) => {
    const base = baseOf(name);
    return base === undefined ? [] : [path.join(dir, base)];
  });
}

function describe(dataDir: string, out: string): FoundOutput {
  const { stamp, running, unreadable } = observe(out);
  const folder = path.relative(dataDir, out).split(path.sep).join('/');
  const about = stamp ?? running;
  const base = {
    folder,
    unit: about?.unit ?? '',
    task: about?.task ?? '',
    variant: about?.variant ?? null,
    stamp,
    pid: null,
    host: null,
    since: null,
    why: stamp?.error?.message ?? '',
  };
  if (running !== null && isAlive(running)) {
    const { pid, host, since } = running;
    return { ...base, state: 'running', pid, host, since, why: '' };
  }
  if (unreadable !== null) return { ...base, state: 'broken', why: `its stamp ${unreadable}` };
  if (stamp !== null && isResult(stamp)) return { ...base, state: 'completed' };
  const interrupted = running !== null || stamp?.outcome === 'interrupted';
  return interrupted
    ? { ...base, state: 'interrupted', why: 'its process died before it was done' }
    : { ...base, state: 'failed' };
}

import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../workspace/package-root.ts';
import type { AgentManifest } from './agent-manifest.ts';

/** An agent as its folder is looked at. */
interface Shown {
  readonly dir: string;
  readonly manifest: Pick<AgentManifest, 'include'>;
}

/** A file of an agent: its path in the folder that the agent is shown, and where it lies. */
export interface AgentFile {
  readonly name: string;
  readonly file: string;
}

/** Everything that an agent's folder holds when it is shown: its own files, and those that its manifest includes. */
export function agentFiles({ dir, manifest }: Shown): readonly AgentFile[] {
  const included = Object.entries(manifest.include).map(([at, from]) => [at, path.join(dir, from)] as const);
  return [['', dir] as const, ...included]
    .flatMap(([at, place]) =>
      filesAt(place).map((file) => ({ name: path.join(at, path.relative(place, file)), file })),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The folder that an agent is shown: its own, or a copy at `into` that holds what its manifest includes too. */
export function shownFolder(agent: Shown, into: string): string {
  if (Object.keys(agent.manifest.include).length === 0) return agent.dir;
  for (const { name, file } of agentFiles(agent)) {
    const to = path.join(into, name);
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(file, to, { verbatimSymlinks: true });
  }
  return into;
}

/** What is wrong with an included path; undefined where nothing is. Only siblings are included, or what comes with us. */
export function includeProblem(dir: string, origin: 'packaged' | 'folder', from: string): string | undefined {
  const place = path.join(dir, from);
  const bound = origin === 'packaged' ? packageRoot() : path.dirname(dir);
  if (place === bound || path.relative(bound, place).startsWith('..')) return `leads out of ${bound}`;
  return statSync(place, { throwIfNoEntry: false }) === undefined ? `is not there: ${place}` : undefined;
}

/** The files of a folder, compiled ones left out; a file is itself. */
function filesAt(place: string): string[] {
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !path.relative(place, file).split(path.sep).includes('__pycache__'));
}

import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Background } from './background.ts';
import { blobId } from './blob-id.ts';
import { type Installed, installedIn } from './distributions.ts';
import { knownDigest } from './known-digests.ts';
import type { Strictness } from './judge.ts';
import type { Look, Where } from './look.ts';
import { covers } from './place-findings.ts';
import type { Remembered } from './remembered.ts';
import type { MountBounds, Place, PlaceKind } from './request.ts';
import { type Entry, isUnreadable, walk } from './walk.ts';

/** Larger files are known by their size and place alone, and are reported as not looked into. */
const LARGEST_READ = 64 << 20;
const LARGEST_OF_TOOLS = 1 << 20;
const MADE_BY_US: ReadonlySet<PlaceKind> = new Set(['workspace', 'input', 'output']);

export interface PlaceContext {
  readonly look: Look;
  readonly bounds: MountBounds;
  /** Hosts of all places: a link from one to another leads nowhere else. */
  readonly hosts: readonly string[];
  /** Paths of the sandbox that are mounts: what they hide is not seen. */
  readonly covered: ReadonlySet<string>;
  readonly background: Background;
  readonly remembered: Remembered;
}

/** Looks at everything below one mount, the workspace's own `.git` aside. */
export async function lookAtPlace(context: PlaceContext, place: Place): Promise<void> {
  if (place.kind === 'socket' || place.kind === 'truth' || place.kind === 'other') return;
  const { look, remembered } = context;
  if (place.contentId !== undefined) {
    await remembered.once(look, `${place.at} ${place.contentId}`, () => {
      lookAtEntries(context, place, entriesOf(context, place));
    });
    return;
  }
  const entries = entriesOf(context, place);
  const lasting = place.kind === 'environment' || place.kind === 'interpreter' || place.kind === 'tool';
  if (!lasting) lookAtEntries(context, place, entries);
  else
    await remembered.once(look, stateOf(context, place, entries), () => {
      lookAtEntries(context, place, entries);
    });
}

function entriesOf({ look, covered }: PlaceContext, place: Place): Entry[] {
  // bytecode of an interpreter is no file of the answer, and only whole files count there
  const closed = place.kind === 'interpreter' ? ['.git', '__pycache__'] : ['.git'];
  const enter = (at: string): boolean =>
    !closed.includes(path.posix.basename(at)) && !covered.has(`${place.at}/${at}`);
  return [...walk(place.host, enter, (at) => void look.unlooked.push(`${place.at}/${at}`))];
}

function lookAtEntries(context: PlaceContext, place: Place, entries: readonly Entry[]): void {
  const installed = place.kind === 'environment' ? installedIn(place.host) : null;
  for (const entry of entries) {
    if (isOwnGit(place, entry)) continue;
    try {
      lookAtEntry(context, place, whereOf(context, place, installed, entry), entry);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      context.look.unlooked.push(`${place.at}/${entry.path}`);
    }
  }
}

function stateOf({ bounds, hosts }: PlaceContext, place: Place, entries: readonly Entry[]): string {
  const hash = createHash('sha256').update(JSON.stringify([place, bounds, hosts.length]));
  for (const { path: at, status } of entries)
    hash.update(`${at}\0${status.ino} ${status.mode} ${status.size} ${status.mtimeMs} ${status.ctimeMs}\0`);
  return hash.digest('hex');
} // prettier-ignore

function lookAtEntry(context: PlaceContext, place: Place, where: Where, entry: Entry): void {
  const { look } = context;
  const { path: at, file, status } = entry;
  const isKnown = place.kind === 'workspace' && look.answer.beforePaths.has(at);
  if (path.posix.basename(at) === '.git') look.add(where, 'git-folder', 'a repository of its own');
  if (!isKnown) look.name(where);
  if (status.isDirectory()) return;
  if (status.isSymbolicLink()) {
    const target = readlinkSync(file, { encoding: 'buffer' });
    if (isKnown && look.answer.beforePaths.get(at) === blobId(target, look.answer.format)) return;
    if (leadsOut(context, place, entry, target.toString()))
      look.add(where, 'symlink-out', 'a link that leads out of what is mounted');
    else if (place.kind === 'workspace') look.add(where, 'unexpected-file', 'a link that the tree before does not have');
    return;
  }
  if (!status.isFile()) {
    look.add(where, 'special-file', status.isSocket() ? 'a socket' : 'a pipe or a device');
    return;
  }
  if (status.nlink > 1 && MADE_BY_US.has(place.kind))
    look.add(where, 'hard-link', 'a file that lies elsewhere, too');
  const { fileSizes } = look.answer;
  if (place.kind === 'interpreter' || where.strictness === 'listed') {
    // what a library or an interpreter consists of can only be known whole
    look.files++;
    if (fileSizes.has(status.size)) look.content({ ...where, strictness: 'listed' }, readFileSync(file));
    return;
  }
  const largest = place.kind === 'tool' ? LARGEST_OF_TOOLS : LARGEST_READ;
  if (status.size > largest) {
    look.files++;
    if (place.kind !== 'tool') look.unlooked.push(`${place.at}/${at}`);
    return;
  }
  const content = readFileSync(file);
  if (isKnown && look.answer.beforePaths.get(at) === blobId(content, look.answer.format)) {
    look.files++;
    look.bytes += content.length;
    return;
  }
  const found = look.content(where, content);
  if (!found && (place.kind === 'workspace' || place.kind === 'output'))
    look.add(where, 'unexpected-file', 'a file that the tree before does not have so');
} // prettier-ignore

function whereOf(context: PlaceContext, place: Place, installed: Installed | null, entry: Entry): Where {
  const { look, background } = context;
  const isAgents = place.kind === 'agent' || (place.kind === 'input' && entry.path === 'config.yaml');
  const side = isAgents ? 'agent' : 'ours';
  const strictness = installed === null ? strictnessAt(place.kind, entry.path) : strictnessOf(look, installed, entry);
  return { place: place.at, path: entry.path, side, strictness, background };
} // prettier-ignore

function strictnessAt(kind: PlaceKind, at: string): Strictness {
  if (kind === 'input') return at.startsWith('helper-tests/') ? 'lines' : 'full';
  return kind === 'agent' || kind === 'tool' ? 'lines' : 'full';
}

/** How a file of an environment is judged: what a distribution's record vouches for is that distribution's own. */
function strictnessOf(look: Look, installed: Installed, { path: at, file, status }: Entry): Where['strictness'] {
  if (!status.isFile()) return 'full';
  const listed = installed.files.get(at);
  if (listed === undefined) {
    const source = at.replace(/__pycache__\/([^/]+?)\.(?:cpython|pypy)[^/]*\.pyc$/, '$1.py');
    const owner = source === at ? undefined : installed.files.get(source);
    return owner === undefined || look.isProject(owner.distribution) ? 'full' : 'lines';
  }
  if (look.isProject(listed.distribution)) return 'full';
  if (listed.hash === null) return 'lines';
  return knownDigest(file.toString(), status, () => readFileSync(file)) === listed.hash ? 'listed' : 'full';
} // prettier-ignore

function isOwnGit({ kind }: Place, { path: at }: Entry): boolean {
  return kind === 'workspace' && at === '.git';
}

function leadsOut(context: PlaceContext, place: Place, { file }: Entry, target: string): boolean {
  const { bounds, hosts } = context;
  const lexical = path.resolve(path.dirname(file.toString()), target);
  const led = realPath(lexical);
  if ([lexical, led].some((end) => bounds.hidden.some((hidden) => covers(realPath(hidden), end) || covers(hidden, end))))
    return true;
  const inside = [...hosts, ...hosts.map(realPath)].some((host) => covers(host, led));
  if (place.kind === 'environment' || place.kind === 'interpreter')
    return !inside && [bounds.dataDir, realPath(bounds.dataDir)].some((dir) => covers(dir, led));
  return !covers(place.host, lexical) || !inside;
} // prettier-ignore

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

import path from 'node:path';
import { sha256 } from '../workspace/disk.ts';

/** Everything that lies beside an output folder; all on its file system, told apart by the attempt's nonce. */
export interface FolderNames {
  readonly out: string;
  readonly stamp: string;
  readonly running: string;
  temporary(nonce: string): string;
  scratch(nonce: string): string;
  /** The earlier output, aside while the new one goes in. */
  old(nonce: string): string;
  newStamp(nonce: string): string;
}

export function folderNames(out: string): FolderNames {
  return {
    out,
    stamp: `${out}.stamp.json`,
    running: `${out}.running`,
    temporary: (nonce) => `${out}.tmp-${nonce}`,
    scratch: (nonce) => `${out}.scratch-${nonce}`,
    old: (nonce) => `${out}.old-${nonce}`,
    newStamp: (nonce) => `${out}.stamp.json.new-${nonce}`,
  };
}

/** The parts of a leftover's name: `<folder name>.(tmp|scratch|old|stamp.json.new)-<nonce>`. */
const LEFTOVER = /^(?<base>.+)\.(?<kind>tmp|scratch|old|stamp\.json\.new)-(?<nonce>[0-9a-f]{12})$/;

/** Reads a file name as a leftover of an attempt; null when it is none. */
export function asLeftover(name: string): { base: string; kind: string; nonce: string } | null {
  const { base, kind, nonce } = LEFTOVER.exec(name)?.groups ?? {};
  return base === undefined || kind === undefined || nonce === undefined ? null : { base, kind, nonce };
}

/** File name of a folder's lock: its path below the data folder with `%2F` for slashes; long ones end in a digest. */
export function lockName(dataDir: string, out: string): string {
  const relative = path.relative(dataDir, out).split(path.sep).join('/');
  const encoded = encodeURIComponent(relative);
  return `${encoded.length <= 180 ? encoded : `${encoded.slice(0, 140)}~${sha256(relative).slice(0, 32)}`}.lock`;
}

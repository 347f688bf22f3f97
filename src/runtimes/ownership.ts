import { execFile } from 'node:child_process';
import { lchownSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Mount } from './runtime.ts';

/** The ordinary user as whom commands run where the host's own user is root. */
export const AGENT_UID = 1000;
const run = promisify(execFile);

/** The user of a sandbox: the host's own, so that files stay his; `AGENT_UID` in place of root. */
export function sandboxUser(): { readonly uid: number; readonly gid: number } {
  const uid = process.getuid?.() ?? AGENT_UID;
  return uid === 0 ? { uid: AGENT_UID, gid: AGENT_UID } : { uid, gid: process.getgid?.() ?? uid };
}

/** Gives what lies below writable mounts to the sandbox's user. Only root can, and only root needs to; links are not followed. */
export async function giveToSandbox(mounts: readonly Mount[]): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = sandboxUser();
  for (const { host, mode, handOver } of mounts) {
    if (mode !== 'rw') continue;
    const given = handOver ?? [host];
    if (given.length === 0) continue;
    for (const folder of new Set(given.flatMap((place) => foldersAbove(place, host))))
      lchownSync(folder, uid, gid);
    const others = ['!', '-user', String(uid), '-exec', 'chown', '-h', `${uid}:${gid}`, '{}', '+'];
    await run('find', [...given, ...others]);
  }
}

/** Folders from the top of a mount down to the one that holds `place`. */
function foldersAbove(place: string, top: string): string[] {
  const names = path.relative(top, place).split(path.sep);
  return names[0] === '..' ? [] : names.map((_, count) => path.join(top, ...names.slice(0, count)));
}

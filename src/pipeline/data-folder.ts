import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import type { PipelineFailure } from '../model/failures/pipeline.ts';
import { fail, ok, type Result } from '../model/result.ts';

/** What the system says when the place, not our code, is at fault. */
const OF_THE_PLACE = new Map([
  ['EROFS', 'is on a read-only file system'],
  ['EACCES', 'may not be written by this user'],
  ['EPERM', 'may not be changed by this user'],
  ['ENOSPC', 'has no space left'],
  ['EDQUOT', 'has no quota left'],
  ['ENOTDIR', 'lies below a file'],
  ['EEXIST', 'is in the way'],
  ['EIO', 'cannot be read or written (input/output error)'],
  ['ENAMETOOLONG', 'has a name that is too long for this file system'],
  ['EMFILE', 'cannot be opened: too many open files'],
]);

/** The typed failure of a file system's error; undefined when the error says nothing about the place. */
export function placeFailure(error: unknown, folder: string): PipelineFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code: said, path: place, syscall } = error as NodeJS.ErrnoException;
  const code = said === 'ENOENT' && syscall === 'mkdir' ? (whyNoFolder(place ?? folder) ?? said) : said;
  const words = code === undefined ? undefined : OF_THE_PLACE.get(code);
  if (words === undefined) return undefined;
  return { class: 'infra', reason: 'data-folder-unusable', folder: place ?? folder, detail: words };
}

/** Node says ENOENT where a folder could not be made with its parents, whatever the reason (EROFS above all). */
function whyNoFolder(folder: string): string | undefined {
  let above = path.dirname(folder);
  while (!existsSync(above) && above !== path.dirname(above)) above = path.dirname(above);
  try {
    accessSync(above, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** Any exception as a failure: of the place where it says so, else a bug with its stack. */
export function failureOf(error: unknown, folder: string): PipelineFailure {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return placeFailure(error, folder) ?? { class: 'bug', reason: 'unexpected', detail };
}

/** The gate of this room: file system errors below `job` become `data-folder-unusable`, others stay thrown. */
export function inDataFolder<T>(folder: string, job: () => T): Result<T, PipelineFailure> {
  try {
    return ok(job());
  } catch (error) {
    const failure = placeFailure(error, folder);
    if (failure === undefined) throw error;
    return fail(failure);
  }
}

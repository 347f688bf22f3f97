// Where a benchmark keeps what it makes, and how all of it goes away however the program ends.
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const tidies = [];

/** Has `tidy` called when the program ends or is told to; answers a function that calls it now. */
export function onEnd(tidy) {
  tidies.push(tidy);
  return async () => {
    const at = tidies.indexOf(tidy);
    if (at === -1) return;
    tidies.splice(at, 1);
    await tidy();
  };
}

/** Undoes everything, the last made first; what cannot be undone is said, not kept silent. */
export async function endAll() {
  for (let tidy = tidies.pop(); tidy !== undefined; tidy = tidies.pop()) {
    try {
      await tidy();
    } catch (error) {
      console.error(`bench: not removed: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => void endAll().finally(() => process.exit(code)));
}

/** A new folder that goes when the program ends. */
export function scratchFolder(parent = tmpdir(), prefix = 'mig-pipeline-bench-') {
  const dir = mkdtempSync(path.join(parent, prefix));
  onEnd(() => removeTree(dir));
  return dir;
}

/** Removes a folder with read-only folders in it. */
function removeTree(dir) {
  const open = (folder) => {
    chmodSync(folder, 0o700);
    for (const name of readdirSync(folder)) {
      const inside = path.join(folder, name);
      if (lstatSync(inside).isDirectory()) open(inside);
    }
  };
  if (process.getuid?.() !== 0) open(dir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

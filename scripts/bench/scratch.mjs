// Where a benchmark keeps what it makes, and how all of it goes away however the program ends.
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const tidies = [];
const stops = new Set();
let signalCode = null;

/** Has `stop` called when the program is told to end, so that work in flight ends; answers how to take that back. */
export function onStop(stop) {
  stops.add(stop);
  return () => stops.delete(stop);
}

/** Lets signals in, and throws when one has come: work asks between its steps. */
export async function breathe() {
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (signalCode !== null) throw new Error('stopped by a signal');
}

/** Exit code of the signal that came; null when none did. */
export const stoppedBy = () => signalCode;

/** Has `tidy` called at the end of the program. */
export function onEnd(tidy) {
  tidies.push(tidy);
}

/** Undoes everything, the last made first, when no work is left; what cannot be undone is said, not kept silent. */
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
  // The second one ends the program at once.
  process.once(signal, () => {
    signalCode = code;
    for (const stop of stops) stop();
  });
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

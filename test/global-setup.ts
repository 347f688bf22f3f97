import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Tests of the command line run the bundle that users run: it is built once before the suite. */
export function setup(): void {
  const root = path.dirname(import.meta.dirname);
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--no-types'], {
    stdio: 'inherit',
    cwd: root,
  });
}

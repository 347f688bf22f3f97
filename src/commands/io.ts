import { writeSync } from 'node:fs';
import { EXIT } from '../model/failure.ts';

/** What a command may touch of the outside: its streams, environment and working folder. */
export interface Io {
  readonly stdout: { write(text: string): unknown; readonly columns?: number };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The streams and environment of this process. */
export function processIo(): Io {
  return { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() };
}

/**
 * Whoever reads what this process writes may go (`... | head`, a script that was interrupted): it ends none of the work, and
 * least of all the clearing away. Where standard output cannot be written for another reason (a full disk), the process
 * says so and ends with `EXIT.outside`, as a result that was asked for is not there.
 */
export function outliveReaders(): void {
  let fault: string | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') fault ??= error.message;
  });
  process.stderr.on('error', () => undefined);
  process.on('exit', () => {
    if (fault === null) return;
    process.exitCode = Math.max(Number(process.exitCode ?? 0), EXIT.outside);
    try {
      writeSync(2, `mig-pipeline: standard output could not be written: ${fault}\n`);
    } catch {
      // nobody reads that either
    }
  });
}

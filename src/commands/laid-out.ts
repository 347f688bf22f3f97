import { exitCodeOf, type Failure } from '../model/failure.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';
import { layOut, prepare, type Laid, type Prepared } from './prepare.ts';
import type { RunRequest } from './run-request.ts';

/** Reports a failure that ends a command early, and answers its exit code. */
export function early(failure: Failure, request: Pick<RunRequest, 'json'>, io: Io): number {
  reportEarlyFailure(failure, request.json, io);
  return exitCodeOf(failure);
}

/** Calls a command that looks at a run as it would be laid out; nothing is started. */
export async function withLaidOut(
  id: string,
  request: RunRequest,
  io: Io,
  command: (prepared: Prepared, laid: Laid) => number | Promise<number>,
): Promise<number> {
  const prepared = await prepare(id, request, io);
  if (!prepared.ok) return early(prepared.failure, request, io);
  const laid = await layOut(prepared.value, request, io);
  if (!laid.ok) return early(laid.failure, request, io);
  return command(prepared.value, laid.value);
}

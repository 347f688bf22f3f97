import type { GraphFormat } from '../graph/render.ts';
import { exitCodeOf, type Failure } from '../model/failure.ts';
import { reportEarlyFailure } from './early-failure.ts';
import { graphCommand } from './graph.ts';
import type { Io } from './io.ts';
import { layOut, prepare } from './prepare.ts';
import type { RunRequest } from './run-request.ts';

/** `graph <id>`: the tasks as they would be laid out for this run. */
export async function graphOf(id: string, request: RunRequest, format: GraphFormat, io: Io): Promise<number> {
  const early = (failure: Failure): number => {
    reportEarlyFailure(failure, request.json, io);
    return exitCodeOf(failure);
  };
  const prepared = await prepare(id, request, io);
  if (!prepared.ok) return early(prepared.failure);
  const laid = await layOut(prepared.value, request, io);
  if (!laid.ok) return early(laid.failure);
  return graphCommand({ tasks: laid.value.tasks, format, json: request.json }, io);
}

import type { GraphFormat } from '../graph/render.ts';
import { graphCommand } from './graph.ts';
import type { Io } from './io.ts';
import { withLaidOut } from './laid-out.ts';
import type { RunRequest } from './run-request.ts';

/** `graph <id>`: the tasks as they would be laid out for this run. */
export function graphOf(id: string, request: RunRequest, format: GraphFormat, io: Io): Promise<number> {
  return withLaidOut(id, request, io, (_prepared, { tasks }) =>
    graphCommand({ tasks, format, json: request.json }, io),
  );
}

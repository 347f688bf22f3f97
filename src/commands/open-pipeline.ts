import type { EventSink } from '../events/sink.ts';
import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import type { DAGExecutor } from '../pipeline/executor.ts';
import { failureMessage } from '../report/failure-message.ts';
import { processIo } from './io.ts';
import { layOut, prepare } from './prepare.ts';
import { runFlags } from './run-flags.ts';

/** What the command line's flags say, for programs. Absent: the configuration decides. */
export interface OpenPipelineOptions {
  readonly agent?: string;
  readonly testingAgent?: string;
  readonly model?: string;
  readonly runtime?: 'auto' | 'docker' | 'local';
  readonly dataDir?: string;
  readonly benchmark?: string;
  readonly benchmarkDir?: string;
  readonly agentsDir?: readonly string[];
  readonly mirror?: readonly string[];
  readonly attempt?: number;
  /** Parameters of the agent, as text. */
  readonly param?: Readonly<Record<string, string>>;
  readonly sinks?: readonly EventSink[];
  readonly signal?: AbortSignal;
  /** Default: this process's working folder and environment. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export type OpenedPipeline =
  | { readonly ok: true; readonly migration: Migration; readonly executor: DAGExecutor }
  | { readonly ok: false; readonly failure: Failure; readonly message: string };

/** The pipeline of one migration, laid out and not yet run: what `run <id>` does, without a terminal. */
export async function openPipeline(id: string, options: OpenPipelineOptions = {}): Promise<OpenedPipeline> {
  const { sinks, signal, cwd, env, ...flags } = options;
  const silent = { write: () => true };
  const own = processIo();
  const io = { stdout: silent, stderr: silent, env: env ?? own.env, cwd: cwd ?? own.cwd };
  const request = runFlags({ ...flags });
  const prepared = await prepare(id, request, io);
  if (!prepared.ok) return refused(prepared.failure);
  const laid = await layOut(prepared.value, request, io, {
    ...(sinks === undefined ? {} : { sinks }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!laid.ok) return refused(laid.failure);
  return { ok: true, migration: prepared.value.migration, executor: laid.value.executor };
}

function refused(failure: Failure): OpenedPipeline {
  return { ok: false, failure, message: failureMessage(failure) };
}

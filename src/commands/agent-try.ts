import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { consoleSink } from '../events/console.ts';
import type { ModelScript } from '../gateway/scripted/script.ts';
import type { ScriptedModel } from '../gateway/scripted/server.ts';
import { EXIT, type Failure } from '../model/failure.ts';
import type { WireForm } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { installSignals } from '../pipeline/signals.ts';
import { trialLines } from '../report/agent-trial.ts';
import { type Agent, requireAgent } from '../runners/agents.ts';
import type { Io } from './io.ts';
import { early } from './laid-out.ts';
import { layOut, type Laid, prepare, type Prepared, withStandIn } from './prepare.ts';
import type { RunRequest } from './run-request.ts';
import { trialOf } from './trial-facts.ts';

export interface AgentTryOptions {
  readonly name: string;
  readonly id: string | null;
  /** File of a script; null: the ground truth's edits. */
  readonly script: string | null;
  readonly request: RunRequest;
}

const EXAMPLE = 'wordtally';
const KEY_VARIABLE = 'SCRIPTED_MODEL_KEY';
const MODEL = 'scripted/scripted-1';

/** `agent try <name> [id]`: one real start of an agent, scored by its patch, that costs nothing. Exit 1 where something does not work. */
export async function agentTryCommand(options: AgentTryOptions, io: Io): Promise<number> {
  const { request } = options;
  const stop = new AbortController();
  const removeSignals = installSignals((signal) => {
    stop.abort(signal);
  });
  let model: ScriptedModel | undefined;
  const failed = (failure: Failure): number => early(failure, request, io);
  try {
    const standIn = await prepare(options.id ?? EXAMPLE, withAgent(request, 'gold'), io);
    if (!standIn.ok) return failed(standIn.failure);
    const { config } = standIn.value.config;
    const agent = requireAgent(options.name, 'coding', config.agentsDirs, standIn.value.parsed.read);
    if (!agent.ok) return failed(agent.failure);
    const wanted = await goldPatch(standIn.value, request, io, stop.signal);
    if (!wanted.ok) return typeof wanted.failure === 'number' ? wanted.failure : failed(wanted.failure);

    const key = `sk-${randomBytes(24).toString('hex')}`;
    const form = agent.value.manifest.model?.forms[0];
    let asked = withAgent(request, options.name);
    if (form !== undefined) {
      const script = await scriptFor(options.script, wanted.value, agent.value);
      if (!script.ok) return failed(script.failure);
      const { startScriptedModel } = await import('../gateway/scripted/server.ts');
      model = await startScriptedModel({ script: script.value, key });
      asked = withModel(asked, form, model.url);
    }
    const own = { ...io, env: { ...io.env, [KEY_VARIABLE]: key } };
    const prepared = await prepare(standIn.value.migration.id, asked, own);
    if (!prepared.ok) return failed(prepared.failure);
    const began = performance.now();
    const ran = await runUntil(prepared.value, asked, own, stop.signal);
    if (!ran.ok) return failed(ran.failure);
    const { laid, outcome } = ran.value;
    if (outcome.exitCode >= EXIT.interrupted) return outcome.exitCode;
    const trial = trialOf({
      prepared: prepared.value,
      laid,
      outcome,
      goldPatch: wanted.value,
      calls: model?.calls() ?? null,
      key,
      seconds: (performance.now() - began) / 1000,
    });
    if (request.json) io.stdout.write(`${JSON.stringify(trial, null, 2)}\n`);
    else io.stdout.write(`${trialLines(trial).join('\n')}\n`);
    return trial.works ? EXIT.done : Math.max(EXIT.taskFailed, outcome.exitCode);
  } finally {
    removeSignals();
    await model?.close();
  }
}

function withAgent(request: RunRequest, agent: string): RunRequest {
  return {
    ...request,
    config: { ...request.config, agent },
    parameters: agent === 'gold' ? {} : request.parameters,
  };
}

function withModel(request: RunRequest, form: WireForm, url: string): RunRequest {
  const baseUrl = form === 'openai' ? `${url}/v1` : url;
  const providers = { scripted: { form, baseUrl, key: KEY_VARIABLE } };
  return { ...request, config: { ...request.config, providers, model: MODEL } };
}

/** The developers' patch, which is what the scripted model is made to say. */
async function goldPatch(
  prepared: Prepared,
  request: RunRequest,
  io: Io,
  signal: AbortSignal,
): Promise<Result<string, Failure | number>> {
  const agent = requireAgent('gold', 'coding', [], prepared.parsed.read);
  if (!agent.ok) return agent;
  const untilCoding = { ...request, force: { ...request.force, until: 'coding_agent' as const } };
  const ran = await runUntil(withStandIn(prepared, agent.value), untilCoding, io, signal);
  if (!ran.ok) return ran;
  const { laid, outcome } = ran.value;
  if (outcome.exitCode !== EXIT.done)
    return outcome.failure === null ? fail(outcome.exitCode) : fail(outcome.failure);
  return ok(readFileSync(path.join(laid.paths.trajectory, 'migration.patch'), 'utf8'));
}

async function runUntil(
  prepared: Prepared,
  request: RunRequest,
  io: Io,
  signal: AbortSignal,
): Promise<Result<{ laid: Laid; outcome: Awaited<ReturnType<Laid['executor']['run']>> }, Failure>> {
  const force =
    request.force.until === null
      ? { ...request.force, forceCoding: true, until: 'patch_eval' as const }
      : request.force;
  const sink = consoleSink({
    progress: io.stderr,
    results: { write: () => true },
    quiet: request.json && !request.verbose,
    verbose: request.verbose,
    env: io.env,
  });
  const laid = await layOut(prepared, { ...request, force }, io, { sinks: [sink], signal });
  if (!laid.ok) return laid;
  const outcome = await laid.value.executor.run();
  await laid.value.executor.close();
  return ok({ laid: laid.value, outcome });
}

async function scriptFor(
  file: string | null,
  patch: string,
  agent: Agent,
): Promise<Result<ModelScript, Failure>> {
  if (file !== null) {
    const { readScript } = await import('../gateway/scripted/script.ts');
    try {
      return readScript(readFileSync(file, 'utf8'), file);
    } catch (error) {
      const problem = `cannot be read (${(error as Error).message})`;
      return fail({ class: 'config', reason: 'config-invalid', file, key: '', problem });
    }
  }
  const { scriptFromPatch } = await import('../gateway/scripted/from-patch.ts');
  // a hunk that is no edit of its own is made by a command
  const edits = scriptFromPatch(patch);
  const made = edits.ok ? edits : scriptFromPatch(patch, 'shell');
  if (made.ok) return made;
  const problem = `no script can be made of this migration's patch for ${agent.name}: ${made.failure}`;
  return fail({ class: 'config', reason: 'config-invalid', file: 'command line', key: '--script', problem });
}

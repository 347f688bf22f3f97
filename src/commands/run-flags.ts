import { type Command, InvalidArgumentError, Option } from './commander.ts';
import { TASK_IDS, type TaskId } from '../model/ids.ts';
import type { RunRequest } from './run-request.ts';

/** Flags that decide what runs and how: the same for `run`, `plan` and `why`, so that they agree. */
export function addRunFlags(command: Command): Command {
  const tasks = TASK_IDS.join(', ');
  return command
    .option('--agent <name>', 'coding agent (default: codemod)')
    .option('--testing-agent <name>', 'testing agent (default: existing)')
    .option('--model <provider/model>', 'model of the agent')
    .option('--testing-model <provider/model>', 'model of the testing agent (default: that of the agent)')
    .option('--budget <usd>', 'what one attempt may cost, in US dollars', amount)
    .option('--budget-tokens <n>', 'tokens that one attempt may use', amount)
    .option('--budget-calls <n>', 'calls of models that one attempt may make', amount)
    .option('--sweep <name>', 'runs of this name share what --sweep-budget gives')
    .option('--sweep-budget <usd>', 'what all runs of a sweep may cost together', amount)
    .option('--record <dir>', 'keep every exchange with models there')
    .option('--replay <dir>', 'answer calls of models from such a folder; no provider is asked')
    .option('--param <name=value...>', 'parameters of the agent', collectParameter)
    .option('--testing-param <name=value...>', 'parameters of the testing agent', collectParameter)
    .option('--attempt <k>', 'which attempt, 1 or more', wholeNumber)
    .addOption(new Option('--runtime <kind>', 'where commands run').choices(['auto', 'docker', 'local']))
    .option('--unsafe-local', 'let third-party agents and foreign builds run without isolation')
    .option('--data-dir <dir>', 'where everything is kept (default: data)')
    .option('--benchmark <name>', 'only this benchmark')
    .option('--benchmark-dir <dir>', 'folder of that benchmark')
    .option('--agents-dir <dir...>', 'further folders of agents')
    .option('--mirror <dir...>', 'folders of repositories that are looked at before the network')
    .option('--concurrency <n>', 'commands at a time', wholeNumber)
    .option('--force-coding', 'run coding_agent and all that depends on it')
    .option('--force-tests', 'run helper_test, eval_test and all that depends on them')
    .option('--force-all', 'run everything')
    .option('--force <task...>', `run these tasks; below them only what changed (${tasks})`, collectTask)
    .option('--from <task>', 'run this task and all that depends on it', taskName)
    .option('--until <task>', 'stop after this task: only it and what it needs', taskName)
    .option('--verify', 'hash every output instead of trusting size and time');
}

/** Turns commander's flags into what commands work with: dotted configuration keys apart from run options. */
export function runFlags(flags: Readonly<Record<string, unknown>>): RunRequest {
  const text = (name: string): string | undefined => flags[name] as string | undefined;
  const is = (name: string): boolean => flags[name] === true;
  const number = (name: string): number | undefined => flags[name] as number | undefined;
  const config: Record<string, unknown> = {
    agent: text('agent'),
    testingAgent: text('testingAgent'),
    model: text('model'),
    testingModel: text('testingModel'),
    'budgets.attempt.usd': number('budget'),
    'budgets.attempt.tokens': number('budgetTokens'),
    'budgets.attempt.calls': number('budgetCalls'),
    sweep: text('sweep'),
    'budgets.sweep.usd': number('sweepBudget'),
    record: text('record'),
    replay: text('replay'),
    runtime: text('runtime'),
    unsafeLocal: is('unsafeLocal') ? true : undefined,
    dataDir: text('dataDir'),
    mirrors: flags['mirror'],
    agentsDirs: flags['agentsDir'],
    'concurrency.container': number('concurrency'),
  };
  return {
    config: Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)),
    benchmark: text('benchmark') ?? null,
    benchmarkDir: text('benchmarkDir') ?? null,
    parameters: (flags['param'] as Record<string, string> | undefined) ?? {},
    testingParameters: (flags['testingParam'] as Record<string, string> | undefined) ?? {},
    attempt: number('attempt') ?? 1,
    attempts: number('attempts') ?? 1,
    force: {
      forceCoding: is('forceCoding'),
      forceTests: is('forceTests'),
      forceAll: is('forceAll'),
      force: (flags['force'] as TaskId[] | undefined) ?? [],
      from: (text('from') as TaskId | undefined) ?? null,
      until: (text('until') as TaskId | undefined) ?? null,
      verify: is('verify'),
    },
    waitSeconds: number('wait') ?? 0,
    failUnder: text('failUnder') ?? null,
    exitCode: is('exitCode'),
    dryRun: is('dryRun'),
    json: is('json'),
    verbose: is('verbose'),
    quiet: is('quiet'),
  };
}

function taskName(text: string): TaskId {
  const found = TASK_IDS.find((id) => id === text);
  if (found === undefined) throw new InvalidArgumentError(`one of ${TASK_IDS.join(', ')}.`);
  return found;
}

function collectTask(text: string, before: TaskId[] | undefined): TaskId[] {
  return [...(before ?? []), taskName(text)];
}

/** `name=value`, one after another. */
export function collectParameter(
  text: string,
  before: Record<string, string> | undefined,
): Record<string, string> {
  const cut = text.indexOf('=');
  if (cut < 1) throw new InvalidArgumentError('of the form name=value.');
  return { ...before, [text.slice(0, cut)]: text.slice(cut + 1) };
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('a number, 0 or more.');
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more.');
  return value;
}

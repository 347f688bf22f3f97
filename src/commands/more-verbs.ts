import { addAgentVerbs } from './agent-verbs.ts';
import { Argument, type Command, InvalidArgumentError, Option } from './commander.ts';
import { GRAPH_FORMATS, type GraphFormat } from '../graph/render.ts';
import { TASK_IDS, type TaskId } from '../model/ids.ts';
import type { Io } from './io.ts';
import { addRunFlags, collectParameter, runFlags } from './run-flags.ts';

type Flags = Record<string, unknown>;
type Verb = (name: string, description: string) => Command;

/** Flags that every verb with a configuration understands. */
export function addSetupFlags(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'where everything is kept (default: data)')
    .addOption(new Option('--runtime <kind>', 'where commands run').choices(['auto', 'docker', 'local']))
    .option('--mirror <dir...>', 'folders of repositories that are looked at before the network');
}

/** Flags of verbs that make sure of migrations before an agent is paid for. */
function addValidate(verb: Verb, io: Io, done: (code: number) => void): void {
  addSetupFlags(
    verb(
      'validate [ids...]',
      'the health of migrations: ground truth, no-op and half through the whole graph',
    ),
  )
    .option('--all', 'every migration of the benchmarks')
    .option('--benchmark <name>', 'only this benchmark')
    .option('--benchmark-dir <dir>', 'folder of that benchmark')
    .option('--testing-agent <name>', 'testing agent (default: existing)')
    .option('--testing-param <name=value...>', 'parameters of the testing agent', collectParameter)
    .option('--testing-model <provider/model>', 'model of the testing agent')
    .option('--agents-dir <dir...>', 'further folders of agents')
    .option('--unsafe-local', 'let foreign builds run without isolation')
    .option('--concurrency <n>', 'commands at a time, and migrations at a time', positiveNumber)
    .option('--force-all', 'run everything again')
    .option('--force-tests', 'run helper_test, eval_test and all that depends on them again')
    .option('--force <task...>', 'run these tasks again; below them only what changed', collectTask)
    .option('--verify', 'hash every output instead of trusting size and time')
    .option('--wait <seconds>', 'wait so long for another process that runs the same', secondsFlag)
    .option('--fail-unhealthy', 'exit 1 where any migration is unhealthy')
    .option('--verbose', 'also say what each task does')
    .option('--quiet', 'say nothing but the result')
    .addHelpText(
      'after',
      '\nhealthy: both scores can be believed. degraded: they hold for the stand-ins, but tests are few, unsteady or\n' +
        'weak. unhealthy: one of the scores cannot be had, or would mislead. Each says why.\n' +
        'Exit codes: a verdict is a result, so 0 whatever it is (--fail-unhealthy: 1 where one is unhealthy);\n' +
        '3 where migrations could not be validated, 1 where a task failed by a fault of ours, 2 usage, 5 busy.',
    )
    .action(async (ids: string[], flags: Flags) => {
      const { validateCommand } = await import('./validate.ts');
      const all = flags['all'] === true;
      const failUnhealthy = flags['failUnhealthy'] === true;
      done(await validateCommand(ids, { request: runFlags(flags), all, failUnhealthy }, io));
    });
}

/** The verbs that look at what is there, and those that clear it away. */
export function addMoreVerbs(program: Command, verb: Verb, io: Io, done: (code: number) => void): void {
  addValidate(verb, io, done);
  addRunFlags(verb('graph <id>', 'the graph of one migration'))
    .addOption(new Option('--format <name>', 'how').choices([...GRAPH_FORMATS]).default('text'))
    .action(async (id: string, flags: Flags) => {
      const { graphOf } = await import('./graph-of.ts');
      done(await graphOf(id, runFlags(flags), flags['format'] as GraphFormat, io));
    });
  verb('list-agents', 'agents at hand')
    .option('--agents-dir <dir...>', 'further folders of agents')
    .action(async (flags: Flags) => {
      const { listAgentsCommand } = await import('./list-agents.ts');
      const { config, json } = runFlags(flags);
      done(await listAgentsCommand({ flags: config, json }, io));
    });
  addAgentVerbs(program, io, done);
  const benchmark = program.command('benchmark').description('where benchmarks lie; clone one');
  benchmark
    .command('list')
    .description('every benchmark, its place and its size')
    .option('--json', 'print JSON on stdout')
    .option('--data-dir <dir>', 'where everything is kept (default: data)')
    .action(async (flags: Flags) => {
      const { benchmarkListCommand } = await import('./benchmark.ts');
      done(await benchmarkListCommand(runFlags(flags), io));
    });
  benchmark
    .command('get')
    .description('clone a benchmark into the data folder')
    .addArgument(new Argument('<name>', 'which').choices(['pymigbench']))
    .option('--from <source>', 'URL or folder of a clone')
    .option('--json', 'print JSON on stdout')
    .option('--data-dir <dir>', 'where everything is kept (default: data)')
    .action(async (name: string, flags: Flags) => {
      const { benchmarkGetCommand } = await import('./benchmark.ts');
      const { from, ...rest } = flags;
      done(
        await benchmarkGetCommand(
          name,
          { ...runFlags(rest), from: (from as string | undefined) ?? null },
          io,
        ),
      );
    });
  addSetupFlags(verb('status [id]', 'what is there, from files alone')).action(
    async (id: string | undefined, flags: Flags) => {
      const { withDataDir } = await import('./data-dir.ts');
      const { statusCommand } = await import('./status.ts');
      const request = runFlags(flags);
      done(
        await withDataDir(request, io, (dataDir) =>
          statusCommand({ dataDir, id: id ?? null, json: request.json }, io),
        ),
      );
    },
  );
  addSetupFlags(verb('logs <id>', 'the newest logs of a task').argument('<task>', 'which task', taskName))
    .option('--run <run-id>', 'of this run')
    .option('--list', 'only the names of the files')
    .action(async (id: string, task: TaskId, flags: Flags) => {
      const { withDataDir } = await import('./data-dir.ts');
      const { logsCommand } = await import('./logs.ts');
      const { run, list, ...rest } = flags;
      const request = runFlags(rest);
      const options = {
        id,
        task,
        run: (run as string | undefined) ?? null,
        list: list === true,
      };
      done(
        await withDataDir(request, io, (_dataDir, mig) =>
          logsCommand({ ...options, runsDir: mig.runsDir, json: request.json }, io),
        ),
      );
    });
  addSetupFlags(verb('clean', 'remove what dead runs left; results and old runs where asked to'))
    .option('--dry-run', 'only say what would be removed')
    .option('--unit <part>', 'results of these units')
    .option('--task <task...>', 'results of these tasks', collectTask)
    .option('--variant <name>', 'results of this variant')
    .option('--keep-runs <n>', 'keep only the newest n run folders', wholeNumber)
    .action(async (flags: Flags) => {
      const { cleanWith } = await import('./clean-with.ts');
      const text = (name: string): string | null => (flags[name] as string | undefined) ?? null;
      const tasks = (flags['task'] as TaskId[] | undefined) ?? [];
      const { keepRuns } = flags;
      const named = text('unit') !== null || text('variant') !== null || tasks.length > 0;
      const results = named ? { unit: text('unit'), tasks, variant: text('variant') } : null;
      done(
        await cleanWith(runFlags(flags), { results, keepRuns: (keepRuns as number | undefined) ?? null }, io),
      );
    });
}

function taskName(text: string): TaskId {
  const found = TASK_IDS.find((id) => id === text.replaceAll('-', '_'));
  if (found === undefined) throw new InvalidArgumentError(`a task is one of ${TASK_IDS.join(', ')}.`);
  return found;
}

function collectTask(text: string, before: TaskId[] | undefined): TaskId[] {
  return [...(before ?? []), taskName(text)];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('a whole number.');
  return value;
}

function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('a whole number, 1 or more.');
  return value;
}

function secondsFlag(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('a number of seconds, 0 or more.');
  return value;
}

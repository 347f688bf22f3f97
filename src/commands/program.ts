import { Command, InvalidArgumentError, Option } from './commander.ts';
import type { Io } from './io.ts';
import { programVersion } from './program-version.ts';
import { addSetupFlags, addMoreVerbs } from './more-verbs.ts';
import { addRunFlags, runFlags, wholeNumber } from './run-flags.ts';
import type { VerdictChoice } from './verdict-choice.ts';

type Flags = Record<string, unknown>;

/** All verbs with their flags. A verb's code is loaded when it is called: `--help` loads nothing but commander. */
export function buildProgram(io: Io, done: (code: number) => void): Command {
  const program = new Command('mig-pipeline')
    .description('Measures AI agents that migrate Python code from one library to another.')
    .version(programVersion(), '--version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showHelpAfterError('(mig-pipeline --help lists commands; mig-pipeline <command> --help their flags)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 a task failed or a score is under --fail-under, 2 usage or configuration,\n' +
        '3 something outside is missing or unfit, 5 the same unit and variant is being run, 10 plan --exit-code\n' +
        'found work, 130/143 on a signal. The README has the rest.',
    );
  const verb = (name: string, description: string): Command =>
    program.command(name).description(description).exitOverride().option('--json', 'print JSON on stdout');

  addRunFlags(
    verb('run <id>', 'run the graph for one migration (an id may be any unique part of the full one)'),
  )
    .option(
      '--attempts <n>',
      'so many attempts, one after another, each with a result of its own',
      wholeNumber,
    )
    .option('--dry-run', 'say what would run and why, and stop')
    .option(
      '--fail-under <bound>',
      '[patch_eval=|unit_test_eval=]X: exit 1 when the score is under X or unscored',
    )
    .option(
      '--wait <seconds>',
      'wait so long for another process that runs the same unit and variant',
      seconds,
    )
    .option('--verbose', 'also say why each task runs')
    .option('--quiet', 'say nothing but the result')
    .action(async (id: string, flags: Flags) => {
      const { runCommand } = await import('./run.ts');
      done(await runCommand(id, runFlags(flags), io));
    });
  addRunFlags(verb('plan <id>', 'what would run and why, without starting anything'))
    .option('--exit-code', 'exit 10 when there is work to do')
    .action(async (id: string, flags: Flags) => {
      const { planCommand } = await import('./plan.ts');
      done(await planCommand(id, runFlags(flags), io));
    });
  addRunFlags(verb('why <id> [task]', 'the stamp of each task against now, field by field')).action(
    async (id: string, task: string | undefined, flags: Flags) => {
      const { whyCommand } = await import('./why.ts');
      done(await whyCommand(id, task, runFlags(flags), io));
    },
  );
  addSetupFlags(verb('doctor', 'check git, container engine, Python, disk and configuration'))
    .option('--fetch', 'fetch the locked tools first, so that later runs need no network for them')
    .option('--agent <name>', 'also this agent: its manifest, its model with key and price, its variables')
    .option('--model <provider/model>', 'with that model')
    .option('--agents-dir <dir...>', 'further folders of agents')
    .action(async (flags: Flags) => {
      const { doctorCommand } = await import('./doctor.ts');
      const { agent, fetch, ...rest } = flags;
      const options = { agent: (agent as string | undefined) ?? null, fetch: fetch === true };
      done(await doctorCommand({ ...runFlags(rest), ...options }, io));
    });
  addSetupFlags(verb('config', 'the effective configuration and where each value comes from'))
    .option('--repo <owner/repo>', 'with the layer of that repository', repository)
    .action(async (flags: Flags) => {
      const { configCommand } = await import('./config.ts');
      const { repo, ...rest } = flags;
      const named = repo === undefined ? {} : { repository: repo as { owner: string; repo: string } };
      done(configCommand({ flags: runFlags(rest).config, json: rest['json'] === true, ...named }, io));
    });
  addBenchmarkFlags(addSetupFlags(verb('list-migrations', 'the ids that benchmarks offer')))
    .option('--library <name>', 'of either side')
    .option('--source <name>', 'library before')
    .option('--target <name>', 'library after')
    .option('--repository <part>', 'owner/repo or a part of it')
    .option('--domain <part>', 'subject area')
    .option('--count', 'only how many')
    .option('--testing-agent <name>', 'verdicts by its tests (default: existing)')
    .addOption(new Option('--healthy', 'those that validation found healthy').conflicts('verdict'))
    .addOption(
      new Option('--verdict <name>', 'by what validation found; none: no verdict that holds').choices([
        'healthy',
        'degraded',
        'unhealthy',
        'none',
      ]),
    )
    .action(async (flags: Flags) => {
      const { listMigrationsCommand } = await import('./list-migrations.ts');
      const text = (name: string): string | null => (flags[name] as string | undefined) ?? null;
      const filters = { library: text('library'), source: text('source'), target: text('target') };
      const where = {
        repository: text('repository'),
        domain: text('domain'),
        verdict: (flags['healthy'] === true ? 'healthy' : text('verdict')) as VerdictChoice | null,
        count: flags['count'] === true,
      };
      done(await listMigrationsCommand({ ...runFlags(flags), ...filters, ...where }, io));
    });
  addBenchmarkFlags(
    addSetupFlags(verb('show <id>', 'one migration as it is understood, its verdict, and all its paths')),
  )
    .option('--testing-agent <name>', 'the verdict by its tests (default: existing)')
    .action(async (id: string, flags: Flags) => {
      const { showCommand } = await import('./show.ts');
      done(await showCommand(id, runFlags(flags), io));
    });
  addMoreVerbs(program, verb, io, done);
  return program;
}

function addBenchmarkFlags(command: Command): Command {
  return command
    .option('--benchmark <name>', 'only this benchmark')
    .option('--benchmark-dir <dir>', 'folder of that benchmark');
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('a number of seconds, 0 or more.');
  return value;
}

function repository(text: string): { owner: string; repo: string } {
  const [owner, repo, ...rest] = text.split('/');
  if (owner === undefined || repo === undefined || owner === '' || repo === '' || rest.length > 0) {
    throw new InvalidArgumentError('of the form owner/repo.');
  }
  return { owner, repo };
}

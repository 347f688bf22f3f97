import { type Command, Option } from './commander.ts';
import type { Io } from './io.ts';
import { collectParameter, runFlags } from './run-flags.ts';

type Flags = Record<string, unknown>;

/** `agent new` and `agent try`. */
export function addAgentVerbs(program: Command, io: Io, done: (code: number) => void): void {
  const agent = program.command('agent').description('a new agent from a template; try one without cost');
  agent
    .command('new')
    .description('write a folder with an agent that works, to be changed')
    .argument('<name>', 'of the agent and its folder')
    .addOption(
      new Option('--template <name>', 'what it begins as: a loop around a model, or a program without one')
        .choices(['model', 'program'])
        .default('model'),
    )
    .option('--dir <dir>', 'folder that receives it', 'agents')
    .option('--json', 'print JSON on stdout')
    .action(async (name: string, flags: Flags) => {
      const { agentNewCommand } = await import('./agent-new.ts');
      const { dir, template } = flags as { dir: string; template: string };
      done(agentNewCommand({ name, dir, template, json: flags['json'] === true }, io));
    });
  agent
    .command('try')
    .description('let an agent migrate a small example, with a scripted model in the place of its own')
    .argument('<name>', 'of the agent')
    .argument('[id]', 'migration (default: an example)')
    .option('--agents-dir <dir...>', 'further folders of agents')
    .option('--param <name=value...>', 'parameters of the agent', collectParameter)
    .option('--script <file>', 'what the model says, as YAML (default: the right edits)')
    .addOption(new Option('--runtime <kind>', 'where commands run').choices(['auto', 'docker', 'local']))
    .option('--unsafe-local', 'let third-party agents and foreign builds run without isolation')
    .option('--data-dir <dir>', 'where everything is kept (default: data)')
    .option('--record <dir>', 'keep every exchange with the model there')
    .option('--replay <dir>', 'answer from such a folder instead of the scripted model')
    .option('--verbose', 'also say what each task does')
    .option('--json', 'print JSON on stdout')
    .action(async (name: string, id: string | undefined, flags: Flags) => {
      const { agentTryCommand } = await import('./agent-try.ts');
      const { script, ...rest } = flags;
      const options = {
        name,
        id: id ?? null,
        script: (script as string | undefined) ?? null,
        request: runFlags(rest),
      };
      done(await agentTryCommand(options, io));
    });
}

import { cpSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { EXIT } from '../model/failure.ts';
import type { AgentFailure } from '../model/failures/agent.ts';
import { packageRoot } from '../workspace/package-root.ts';
import type { Io } from './io.ts';
import { early } from './laid-out.ts';

export interface AgentNewOptions {
  readonly name: string;
  /** Folder that receives `<name>/`. */
  readonly dir: string;
  /** A folder below `config/agent-templates`. */
  readonly template: string;
  readonly json: boolean;
}

/** `agent new <name>`: a folder with an agent that works as it is, to be changed. Never overwrites. */
export function agentNewCommand(options: AgentNewOptions, io: Io): number {
  const { name, dir, template } = options;
  const folder = path.resolve(io.cwd, dir, name);
  const problem = !/^[a-z0-9][a-z0-9._-]*$/.test(name)
    ? 'a name is of a-z, 0-9, dot, dash and underscore'
    : existsSync(folder)
      ? 'it is there already; choose another name or --dir'
      : null;
  if (problem !== null) {
    const failure: AgentFailure = { class: 'config', reason: 'agent-not-made', name, folder, problem };
    return early(failure, options, io);
  }
  cpSync(path.join(templatesDir(), template), folder, { recursive: true });
  const shown = path.relative(io.cwd, folder) || folder;
  const files = readdirSync(folder).sort();
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ schema: 1, name, folder, template, files }, null, 2)}\n`);
    return EXIT.done;
  }
  io.stdout.write(
    `${shown}: ${files.join(', ')}\n` +
      `It works as it is: mig-pipeline agent try ${name} --agents-dir ${path.relative(io.cwd, path.dirname(folder)) || '.'}\n`,
  );
  return EXIT.done;
}

function templatesDir(): string {
  return path.join(packageRoot(), 'config', 'agent-templates');
}

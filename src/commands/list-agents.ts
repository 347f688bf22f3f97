import { loadConfig } from '../config/load.ts';
import { EXIT, exitCodeOf } from '../model/failure.ts';
import { failureMessage } from '../report/failure-message.ts';
import { type Agent, discoverAgents } from '../runners/agents.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';

export interface ListAgentsOptions {
  /** Configuration flags as dotted keys (`agentsDirs`...). */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly json: boolean;
}

/**
 * `list-agents`: the agents at hand. A folder whose manifest is wrong is named with file, line and column on
 * stderr (in `problems` with `--json`), the others are listed, and the exit code is 2.
 */
export function listAgentsCommand(options: ListAgentsOptions, io: Io): Promise<number> {
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: options.flags });
  const shelf = loaded.ok ? discoverAgents(loaded.value.config.agentsDirs) : loaded;
  if (!shelf.ok) {
    reportEarlyFailure(shelf.failure, options.json, io);
    return Promise.resolve(exitCodeOf(shelf.failure));
  }
  const { agents, broken } = shelf.value;
  const problems = broken.map(({ name, failure }) => ({ name, message: failureMessage(failure), failure }));
  if (options.json) {
    const document = {
      schema: 1,
      agents: agents.map(described),
      problems: problems.map(({ name, message, failure }) => ({
        name,
        message,
        file: failure.file,
        line: failure.line ?? null,
        column: failure.column ?? null,
        key: failure.key,
      })),
    };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const width = Math.max(0, ...agents.map(({ name }) => name.length));
    for (const { name, manifest } of agents) {
      const forms = manifest.model === undefined ? '' : ` (model: ${manifest.model.forms.join(' or ')})`;
      const model = `${forms}${manifest.unproven === undefined ? '' : ` (unproven: ${manifest.unproven})`}`;
      io.stdout.write(`${name.padEnd(width)}  ${manifest.role.padEnd(7)}  ${manifest.description}${model}\n`);
    }
    for (const { message } of problems) io.stderr.write(`mig-pipeline: ${message}\n`);
  }
  return Promise.resolve(problems.length > 0 ? EXIT.usage : EXIT.done);
}

function described({ name, dir, origin, manifest }: Agent): Record<string, unknown> {
  return {
    name,
    role: manifest.role,
    version: manifest.version,
    description: manifest.description,
    origin,
    folder: dir,
    builtIn: manifest.builtIn,
    network: manifest.network,
    forms: manifest.model?.forms ?? [],
    verified: manifest.verified ?? null,
    unproven: manifest.unproven ?? null,
    parameters: manifest.parameters,
  };
}

import type { Json } from '../../model/json.ts';
import { at, fields, list, words } from './json-access.ts';
import type { OfferedTool } from './request.ts';

const SHELL =
  /^(?:bash|shell|local_shell|shell_command|exec_command|run_shell_command|run_commands?|execute_command|execute_bash|terminal|run_terminal_(?:cmd|command)|developer__shell|run_bash|launch-process|execute)$/i;
const LIKE_A_SHELL = /shell|bash|terminal|exec/i;
const FINISH =
  /^(?:attempt_completion|finish|submit|submit_and_exit|task_done|complete|complete_task|final_answer|agent_done)$/i;
const READ = /^(?:read|read_file|readfile|view|view_file|open_file|cat)$/i;
const COMMAND = new Set(['command', 'cmd', 'script', 'bash_command', 'commands', 'code', 'shell_command']);
const PLACE = new Set(['path', 'file_path', 'cwd', 'workdir', 'working_dir', 'dir_path', 'directory']);

/** The tool that runs a command line; a known name before one that only sounds like it. */
export function shellTool(tools: readonly OfferedTool[]): OfferedTool | undefined {
  return tools.find(({ name }) => SHELL.test(name)) ?? tools.find(({ name }) => LIKE_A_SHELL.test(name));
}

/** The tool by which an agent is told that the work is done. */
export function finishTool(tools: readonly OfferedTool[]): OfferedTool | undefined {
  return tools.find(({ name }) => FINISH.test(name));
}

export function readTool(tools: readonly OfferedTool[]): OfferedTool | undefined {
  return tools.find(({ name, schema }) => READ.test(name) && propertyOf(schema, PATH) !== undefined);
}

/** Names under which tools take a path, and what stands in a file before and after. */
export const PATH = /^(?:file_?path|path|absolute_path|file|filename|target_file)$/i;
export const OLD = /^old_?(?:string|str|text|content)?$/i;
export const NEW = /^new_?(?:string|str|text|content)?$/i;

/** The first property whose name matches. */
export function propertyOf(schema: Json, name: RegExp): string | undefined {
  return Object.keys(fields(at(schema, 'properties'))).find((key) => name.test(key));
}

/**
 * Arguments that satisfy a JSON schema: the command where one is asked for, what is given by name, and dull values for
 * the rest of what is required.
 */
export function fillArguments(
  schema: Json,
  command: string | null,
  given: Readonly<Record<string, Json>> = {},
): Record<string, Json> {
  const properties = fields(at(schema, 'properties'));
  const asked = at(schema, 'required');
  const required = new Set(
    asked === undefined ? Object.keys(properties) : list(asked).map((one) => words(one)),
  );
  const filled: Record<string, Json> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (property === undefined) continue;
    if (name in given) filled[name] = given[name] ?? null;
    else if (command !== null && COMMAND.has(name)) {
      if (typeOf(property) !== 'array') filled[name] = command;
      else filled[name] = name === 'command' ? ['bash', '-lc', command] : [command];
    } else if (required.has(name)) filled[name] = dullValue(name, property);
  }
  return filled;
}

function typeOf(property: Json): string {
  const type = at(property, 'type');
  return words(Array.isArray(type) ? list(type).find((one) => one !== 'null') : type).toLowerCase();
}

function dullValue(name: string, property: Json): Json {
  const choices = list(at(property, 'enum'));
  if (choices.length > 0) {
    return (
      choices.find((choice) => choice === 'shell' || choice === 'bash' || choice === 'LOW') ??
      choices[0] ??
      ''
    );
  }
  switch (typeOf(property)) {
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 30;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return PLACE.has(name) ? '.' : 'done';
  }
}

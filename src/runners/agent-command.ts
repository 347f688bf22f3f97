import { closeSync, openSync, readSync } from 'node:fs';
import type { Json } from '../model/json.ts';
import type { Mount, Runtime } from '../runtimes/runtime.ts';
import type { AgentManifest } from './agent-manifest.ts';
import type { ModelDoor } from './model-door.ts';
import { AT } from './mounts.ts';

const MISSING = 'mig-pipeline: no such command: ';
const CLOSED = 'mig-pipeline: the way to the model is closed: ';

/**
 * The program is found before the environment goes on the PATH: an agent's interpreter is its sandbox's own,
 * never that of the repository it migrates.
 */
const START = `program=$(command -v -- "$1") || { printf '${MISSING}%s\\n' "$1" >&2; exit 127; }
shift
if [ -n "\${MIG_DOOR:-}" ]; then
  if command -v python3 >/dev/null 2>&1; then python3 -I -S "$MIG_DOOR/forward.py" "$MIG_DOOR_TO" "$MIG_PORT"
  elif command -v node >/dev/null 2>&1; then node "$MIG_DOOR/forward.cjs" "$MIG_DOOR_TO" "$MIG_PORT"
  else printf '%s\\n' '${CLOSED}there is neither python3 nor node to open it with' >&2; exit 126
  fi || { printf '%s\\n' '${CLOSED}the forwarder did not start' >&2; exit 126; }
fi
unset MIG_DOOR MIG_DOOR_TO MIG_PORT
PATH=\${MIG_PATH:+$MIG_PATH:}$PATH
export PATH
unset MIG_PATH
exec "$program" "$@"`;

/** Command and variables of a start: paths below a mount become what the runtime sees there. */
export function agentStart(request: {
  readonly agent: { readonly manifest: Pick<AgentManifest, 'command'> };
  readonly parameters: Readonly<Record<string, Json>>;
  readonly runtime: Runtime;
  readonly mounts: readonly Mount[];
  /** By name; each lies on the path. */
  readonly tools: Readonly<Record<string, string>>;
  /** Variables of the migration's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The host's that it may see. */
  readonly variables: Readonly<Record<string, string>>;
  readonly door: Pick<ModelDoor, 'model' | 'variables'>;
  /** Told where there is no door. */
  readonly model?: string | null;
}): { readonly command: readonly [string, ...string[]]; readonly env: Readonly<Record<string, string>> } {
  const at = (place: string): string => request.runtime.pathOf(request.mounts, place);
  const words = (request.agent.manifest.command ?? []).map((word) =>
    [AT.agent, AT.installed].some((place) => word.startsWith(`${place}/`)) ? at(word) : word,
  );
  const tools = Object.keys(request.tools).sort();
  const model = request.door.model ?? request.model ?? null;
  const { temperature } = request.parameters;
  const { PATH: environmentPath, ...environment } = request.environment;
  const path = [...tools.map((name) => at(`${AT.tools}/${name}`)), environmentPath ?? ''];
  return {
    command: [
      '/bin/sh',
      '-c',
      START,
      'start',
      ...words,
      '--workspace',
      at(AT.workspace),
      '--output',
      at(AT.output),
    ],
    env: {
      ...environment,
      ...request.variables,
      ...request.door.variables(request.runtime, request.mounts),
      MIG_PATH: path.filter((part) => part !== '').join(':'),
      CONFIG_PATH: at(`${AT.input}/config.yaml`),
      TASK_PATH: at(`${AT.input}/task.json`),
      PROMPT_PATH: at(`${AT.input}/prompt.md`),
      AGENT_PREFIX: at(AT.installed),
      ...(model === null ? {} : { MODEL: model }),
      ...(typeof temperature === 'number' ? { TEMPERATURE: String(temperature) } : {}),
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
      PYTHONDONTWRITEBYTECODE: '1',
      // git must work whatever its system's configuration is, and whoever the workspace belongs to
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    },
  };
}

/** The command that was not there, when that is why a start ended with 127. */
export function missingCommand(exitCode: number | null, stderrFile: string): string | undefined {
  if (exitCode !== 127) return undefined;
  const text = headOf(stderrFile);
  return text.startsWith(MISSING) ? text.slice(MISSING.length).split('\n')[0] : undefined;
}

/** Why the way to the model was closed, when that is why a start ended with 126. */
export function closedDoor(exitCode: number | null, stderrFile: string): string | undefined {
  if (exitCode !== 126) return undefined;
  const lines = headOf(stderrFile).trim().split('\n');
  const at = lines.findIndex((line) => line.startsWith(CLOSED));
  if (at === -1) return undefined;
  return [lines[at]?.slice(CLOSED.length), ...lines.slice(0, at)].join('; ');
}

/** The first bytes of a file. */
function headOf(stderrFile: string): string {
  const handle = openSync(stderrFile, 'r');
  try {
    const piece = Buffer.alloc(4096);
    return piece.subarray(0, readSync(handle, piece, 0, piece.length, 0)).toString();
  } finally {
    closeSync(handle);
  }
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hostEnvironment, hostVariables } from './host-environment.ts';
import type { NetworkSettings } from './http.ts';

/** Where the host's package installers look. */
export interface IndexSettings extends NetworkSettings {
  /** Simple-index addresses, the main one first; may hold credentials. */
  readonly urls: readonly string[];
  /** Which tool said so (`pip`, `uv`), for messages. */
  readonly from: string;
}

const run = promisify(execFile);

/**
 * The index that the host is set to: pip's configuration (variables and files), else uv's variables, else
 * pip's own default, else uv's own default, each asked of the tool itself. Null when neither can be asked.
 */
export async function indexSettings(): Promise<IndexSettings | null> {
  const pip = await askPip();
  const uv = uvVariables();
  const network = { cert: pip?.settings.get('cert') ?? null, proxy: pip?.settings.get('proxy') ?? null };
  const extra = [...words(pip?.settings.get('extra-index-url')), ...uv.extra];
  if (pip?.settings.get('no-index') === 'true' || pip?.settings.get('no-index') === '1') {
    return { ...network, urls: [], from: 'pip (no-index)' };
  }
  // Without pip its variables still say what the user wants.
  const chosen = pip?.settings.get('index-url') ?? hostVariables(['PIP_'])['PIP_INDEX_URL'];
  if (chosen !== undefined) return { ...network, urls: [chosen, ...extra], from: 'pip' };
  if (uv.main !== undefined) return { ...network, urls: [uv.main, ...extra], from: 'uv' };
  const main = (await defaultOfPip(pip?.command)) ?? (await defaultOfUv());
  if (main === undefined) return extra.length === 0 ? null : { ...network, urls: extra, from: 'uv' };
  return { ...network, urls: [main, ...extra], from: pip === undefined ? 'uv' : 'pip' };
}

interface Pip {
  readonly command: readonly [string, ...string[]];
  readonly settings: ReadonlyMap<string, string>;
}

async function answer(
  command: readonly [string, ...string[]],
  args: readonly string[],
): Promise<string | undefined> {
  const [program, ...rest] = command;
  try {
    const env = {
      ...hostEnvironment(),
      ...hostVariables(['PIP_', 'UV_', 'XDG_', 'PYENV_']),
      LC_ALL: 'C.UTF-8',
    };
    const { stdout } = await run(program, [...rest, ...args], { env, timeout: 60_000, maxBuffer: 16 << 20 });
    return stdout;
  } catch {
    return undefined;
  }
}

const PIPS: readonly (readonly [string, ...string[]])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];

async function askPip(): Promise<Pip | undefined> {
  for (const command of PIPS) {
    const listed = await answer(command, ['config', 'list']);
    if (listed !== undefined) return { command, settings: parsePipConfig(listed) };
  }
  return undefined;
}

/** `pip config list` (`section.key='value'`) by pip's own precedence: global, then download, then environment. */
export function parsePipConfig(listed: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const section of ['global', 'download', ':env:']) {
    for (const line of listed.split('\n')) {
      const parts = /^([^.]+)\.([^=]+)=(['"])(.*)\3\s*$/.exec(line);
      if (parts?.[1] !== section || parts[2] === undefined) continue;
      const value = (parts[4] ?? '').replaceAll('\\n', '\n').replaceAll(/\\(['"\\])/g, '$1');
      settings.set(parts[2].replaceAll('_', '-'), value);
    }
  }
  return settings;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

/** uv writes an index as `URL` or `name=URL`. */
function uvVariables(): { main: string | undefined; extra: string[] } {
  const variables = hostVariables(['UV_']);
  const unnamed = (entry: string): string => entry.replace(/^[A-Za-z0-9_.-]+=(?=[a-z]+:)/, '');
  const main = variables['UV_DEFAULT_INDEX'] ?? variables['UV_INDEX_URL'];
  return {
    main: main === undefined ? undefined : unnamed(main),
    extra: [...words(variables['UV_INDEX']), ...words(variables['UV_EXTRA_INDEX_URL'])].map(unnamed),
  };
}

async function defaultOfPip(command: Pip['command'] | undefined): Promise<string | undefined> {
  if (command === undefined) return undefined;
  const python = await answer(
    ['python3'],
    ['-c', 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)'],
  );
  return python?.trim() ?? urlIn(await answer(command, ['download', '--help']));
}

async function defaultOfUv(): Promise<string | undefined> {
  return urlIn(await answer(['uv'], ['pip', 'install', '--help']));
}

/** Both tools' help name the default index in words. */
function urlIn(help: string | undefined): string | undefined {
  return /default[^.]{0,40}?(https?:\/\/[^\s)>\]]*simple\/?)/is.exec(help ?? '')?.[1];
}

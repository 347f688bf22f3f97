import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, type Result } from '../model/result.ts';
import { identity } from '../runtimes/container-spec.ts';
import type { Engine } from '../runtimes/engine.ts';
import { hostNetwork, type HostNetwork } from '../runtimes/host-network.ts';
import { jsonList, pairs, substitute, words, type Instruction } from './dockerfile.ts';
import { writeHostApt } from './host-apt.ts';
import { writeHostSettings } from './host-settings.ts';

/** Where a build sees the folder that it copies from. */
export const CONTEXT = '/run/mig-context';
/** Where a build sees package settings of the host. */
export const HOST = '/run/mig-host';
const CERTIFICATES = '/run/mig-certificates.crt';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface BuildRequest {
  /** Dockerfile as messages name it. */
  readonly file: string;
  readonly instructions: readonly Instruction[];
  readonly from: string;
  /** Folder that COPY reads. */
  readonly context: string;
  readonly repository: string;
  readonly tag: string;
  /** Values of ARGs that are not the Dockerfile's own. */
  readonly args: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Carries out a Dockerfile in one container and makes an image of it, as one layer. Not by the engine's own builder:
 * that of old engines has no way to pass certificates, proxies and package indexes but through layers. Here they are
 * mounts and variables of single commands, which no image keeps.
 */
export async function buildImage(
  engine: Engine,
  request: BuildRequest,
): Promise<Result<string, RuntimeFailure>> {
  const host = mkdtempSync(path.join(os.tmpdir(), 'mig-pipeline-build-'));
  chmodSync(host, 0o755);
  const network = hostNetwork(CERTIFICATES);
  const mounts = [...network.mounts, { host: request.context, at: CONTEXT }, { host, at: HOST }];
  const made = await engine.create({
    ...identity('image-build', {}),
    Image: request.from,
    Entrypoint: [],
    Cmd: ['sleep', '86400'],
    User: '0:0',
    WorkingDir: '/',
    HostConfig: {
      Mounts: mounts.map((mount) => ({ Type: 'bind', Source: mount.host, Target: mount.at, ReadOnly: true })),
      NetworkMode: engine.network,
      SecurityOpt: ['no-new-privileges'],
      Init: true,
    },
  });
  if (!made.ok) {
    rmSync(host, { recursive: true, force: true });
    return made;
  }
  const onAbort = (): void => void engine.remove(made.value);
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const started = await engine.start(made.value);
    if (!started.ok) return started;
    return await carryOut(engine, made.value, request, host, network);
  } finally {
    request.signal?.removeEventListener('abort', onAbort);
    await engine.remove(made.value);
    rmSync(host, { recursive: true, force: true });
  }
}

async function carryOut(
  engine: Engine,
  id: string,
  request: BuildRequest,
  host: string,
  network: HostNetwork,
): Promise<Result<string, RuntimeFailure>> {
  let output = '';
  const exec = (
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    user = '0:0',
    cwd = '/',
  ): ReturnType<Engine['exec']> => {
    output = '';
    const spec = {
      Cmd: [...command],
      Env: Object.entries(env).map(([k, v]) => `${k}=${v}`),
      User: user,
      WorkingDir: cwd,
    };
    // The end of what a step writes is enough to say what is wrong with it.
    return engine.exec(id, spec, (bytes) => (output = (output + bytes.toString()).slice(-4000)));
  };
  const system = await exec(['sh', '-c', '. /etc/os-release && echo "$VERSION_CODENAME"; echo "$PATH"'], {});
  if (!system.ok) return system;
  const [codename = '', imagePath = PATH] = output.trim().split('\n');
  const certificates = network.env['SSL_CERT_FILE'];
  const outer = {
    ...network.env,
    ...writeHostSettings(host, HOST, network).env,
    ...(await writeHostApt(host, HOST, codename.trim(), certificates)),
    DEBIAN_FRONTEND: 'noninteractive',
  };
  const state = {
    env: { PATH: imagePath } as Record<string, string>,
    args: { ...request.args } as Record<string, string>,
    user: '0:0',
    cwd: '/',
  };
  const changes: string[] = [];

  for (const instruction of request.instructions) {
    if (request.signal?.aborted === true) return fail({ class: 'cancelled', reason: 'run-cancelled' });
    const { name, rest } = instruction;
    const put = (text: string): string => substitute(text, { ...state.args, ...state.env });
    const run = async (
      command: readonly string[],
      user: string,
      cwd = state.cwd,
    ): Promise<RuntimeFailure | null> => {
      const end = await exec(command, { ...outer, ...state.args, ...state.env }, user, cwd);
      if (end.ok && end.value === 0) return null;
      if (request.signal?.aborted === true) return { class: 'cancelled', reason: 'run-cancelled' };
      if (!end.ok) return end.failure;
      const log = output.trim().split('\n').slice(-12).join('\n');
      const step = `${name} ${rest}`.slice(0, 200);
      return {
        class: 'infra',
        reason: 'image-build-failed',
        file: request.file,
        line: instruction.line,
        step,
        log,
      };
    };
    let failure: RuntimeFailure | null = null;
    if (name === 'ARG')
      for (const [key, value] of pairs(rest)) state.args[key] = request.args[key] ?? put(value);
    else if (name === 'ENV')
      for (const [key, value] of pairs(rest)) {
        state.env[key] = put(value);
        changes.push(`ENV ${key}=${quoted(state.env[key])}`);
      }
    else if (name === 'RUN') failure = await run(jsonList(rest) ?? ['/bin/sh', '-c', rest], state.user);
    else if (name === 'COPY') failure = await run(copyCommand(put(rest), state.cwd), '0:0');
    else if (name === 'WORKDIR') {
      state.cwd = path.posix.resolve(state.cwd, words(put(rest))[0] ?? '/');
      failure = await run(['mkdir', '-p', state.cwd], '0:0', '/');
      changes.push(`WORKDIR ${state.cwd}`);
    } else if (name === 'USER') {
      state.user = put(rest);
      changes.push(`USER ${state.user}`);
    } else if (name === 'LABEL')
      for (const [key, value] of pairs(rest)) changes.push(`LABEL ${quoted(key)}=${quoted(put(value))}`);
    else if (name !== 'FROM') changes.push(`${name} ${rest}`);
    if (failure !== null) return fail(failure);
  }
  const reset = ['ENTRYPOINT []', 'CMD ["python3"]', 'USER 0:0', 'WORKDIR /'];
  return await engine.commit(id, request.repository, request.tag, [...reset, ...changes]);
}

function quoted(value: string): string {
  return JSON.stringify(value).replaceAll('$', '\\$');
}

/** COPY as a command of the container: folders give their content, files are put into a folder or under a name. */
function copyCommand(rest: string, cwd: string): readonly string[] {
  const flags = [...rest.matchAll(/(?:^|\s)--(chown|chmod)=(\S+)/g)].map(
    ([, name, value]) => `${name}=${value}`,
  );
  const list = [...words(rest.replaceAll(/(?:^|\s)--(?:chown|chmod)=\S+/g, ' ').trim())];
  const last = list.pop() ?? '.';
  const to = path.posix.resolve(cwd, last) + (last.endsWith('/') || list.length > 1 ? '/' : '');
  const flag = (name: string): string =>
    flags.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const script = `
set -e
to=$1 owner=$2 mode=$3; shift 3
stage=$(mktemp -d)
for from; do
  if [ -d "${CONTEXT}/$from" ]; then cp -R "${CONTEXT}/$from/." "$stage/"; folder=yes
  elif [ -e "${CONTEXT}/$from" ]; then cp "${CONTEXT}/$from" "$stage/"
  else echo "COPY: $from is not in the agent's folder"; exit 1; fi
done
[ -z "$owner" ] || chown -R "$owner" "$stage"
[ -z "$mode" ] || find "$stage" -mindepth 1 -exec chmod "$mode" {} +
case $to in */) folder=yes ;; esac
if [ -n "\${folder:-}" ] || [ -d "$to" ]; then mkdir -p "$to"; find "$stage" -mindepth 1 -maxdepth 1 -exec cp -a {} "$to" ';'
else mkdir -p "$(dirname "$to")"; cp -a "$stage"/* "$to"; fi
rm -rf "$stage"`;
  return ['/bin/sh', '-c', script, 'sh', to, flag('chown'), flag('chmod'), ...list];
}

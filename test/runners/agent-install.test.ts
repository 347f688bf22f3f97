import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/model/failure.ts';
import type { Result } from '../../src/model/result.ts';
import { failureMessage } from '../../src/report/failure-message.ts';
import { readAgent, type Agent } from '../../src/runners/agents.ts';
import { AGENT_REPOSITORY } from '../../src/runners/image.ts';
import { parseNpmrc } from '../../src/runners/host-npm.ts';
import { defaultHosts, settingsValues } from '../../src/runners/settings-values.ts';
import { isDockerRuntime } from '../../src/runtimes/docker.ts';
import { createLocalRuntime } from '../../src/runtimes/local.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { agentNeeds, type AgentNeeds } from '../../src/tasks/agent-needs.ts';
import { dockerRuntime, localRuntimes } from '../rigs/agent-rig.ts';
import { engineSocket } from '../rigs/engine.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const runtimes: [string, Runtime][] = localRuntimes();
if (engineSocket !== null) runtimes.push(['docker', await dockerRuntime()]);

const MANIFEST = `schema: 1
role: coding
version: "1"
description: An agent.
install: install.sh
installFiles: [lib]
command: [/opt/agent/bin/tool]
`;
const GOOD = `mkdir -p "$PREFIX/bin"
cp lib/tool "$PREFIX/bin/tool"
echo x > "$HOME/left"
sleep 0.3
date +%s%N > "$PREFIX/when"`;

function agentOf(script: string, tool = '#!/bin/sh\necho one'): Agent {
  const dir = path.join(scratchFolder(), 'mine');
  mkdirSync(path.join(dir, 'lib'), { recursive: true });
  writeFileSync(path.join(dir, 'agent.yaml'), MANIFEST);
  writeFileSync(path.join(dir, 'install.sh'), script);
  writeFileSync(path.join(dir, 'lib/tool'), `${tool}\n`);
  writeFileSync(path.join(dir, 'unnamed'), 'x');
  chmodSync(path.join(dir, 'lib/tool'), 0o755);
  const read = readAgent(dir, 'folder');
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  return read.value;
}

const needs = (agent: Agent, runtime: Runtime, dataDir: string): Promise<Result<AgentNeeds, Failure>> =>
  agentNeeds(agent, runtime, { cacheDir: path.join(dataDir, 'cache'), hostVariables: {} });

function given<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(failureMessage(result.failure));
  return result.value;
}

/** What the command prints in a sandbox with the installed agent. */
async function output(runtime: Runtime, need: AgentNeeds, script: string): Promise<string> {
  const dir = scratchFolder();
  const end = await runtime.run({
    role: 'test', image: need.image, cwd: '/', mounts: need.installed, env: {}, network: 'none', foreign: false, labels: {},
    command: ['/bin/sh', '-c', script, 'sh', runtime.pathOf(need.installed, '/opt/agent')],
    limits: { memoryBytes: 256 << 20, cpus: 1, pids: 64, wallMs: 30_000, idleMs: 30_000, outputBytes: 1 << 20 },
    stdout: path.join(dir, 'out'), stderr: path.join(dir, 'err'),
  }); // prettier-ignore
  expect(end).toMatchObject({ ok: true, value: { code: 0 } });
  return readFileSync(path.join(dir, 'out'), 'utf8');
}

afterEach(() => {
  for (const name of ['PIP_INDEX_URL', 'NPM_CONFIG_USERCONFIG']) Reflect.deleteProperty(process.env, name);
});
const images = new Set<string>();
afterAll(() => {
  for (const image of images)
    execFileSync('docker', ['rmi', '-f', image], {
      env: { ...process.env, DOCKER_HOST: engineSocket ?? '' },
    });
});

describe.each(runtimes)('%s', (_, runtime) => {
  const install = async (agent: Agent, dataDir = scratchFolder()): Promise<Result<AgentNeeds, Failure>> => {
    const got = await needs(agent, runtime, dataDir);
    if (got.ok && got.value.image !== null) images.add(got.value.image);
    return got;
  };

  test('what the script installs is there to start, and nothing of the installation', async () => {
    const need = given(await install(agentOf(GOOD)));
    expect(await output(runtime, need, '$1/bin/tool; ls -A $1')).toBe('one\nbin\nwhen\n');
  });

  test('it is seen at /opt/agent, which cannot be changed; where nothing is mounted, below the cache', async () => {
    const dataDir = scratchFolder();
    const need = given(await install(agentOf(GOOD), dataDir));
    const place = runtime.pathOf(need.installed, '/opt/agent');
    if (runtime.isolation === 'process')
      expect(place.startsWith(path.join(dataDir, 'cache', 'agents'))).toBe(true);
    else {
      expect(place).toBe('/opt/agent');
      expect(await output(runtime, need, 'touch $1/x 2>/dev/null || $1/bin/tool')).toBe('one\n');
    }
  });

  test('two at the same time install once; another file that it names installs anew', async () => {
    const dataDir = scratchFolder();
    const [agent, other] = [agentOf(GOOD), agentOf(GOOD, '#!/bin/sh\necho two')];
    const both = await Promise.all([install(agent, dataDir), install(agent, dataDir)]);
    const [one, two] = await Promise.all(both.map((need) => output(runtime, given(need), 'cat $1/when')));
    expect(one).toBe(two);
    expect(await output(runtime, given(await install(other, dataDir)), '$1/bin/tool')).toBe('two\n');
  });

  test('files that are not named are not there', async () => {
    expect(await install(agentOf('test -e lib/tool && ! test -e unnamed'))).toMatchObject({ ok: true });
  });

  test('a failing step is named with its line and its last words, and nothing stays', async () => {
    const dataDir = scratchFolder();
    const agent = agentOf('echo first\n\nif true; then\n  ls "$PREFIX/none"\nfi\necho never\n');
    const failed = await install(agent, dataDir);
    const file = path.join(agent.dir, 'install.sh');
    expect(failed).toMatchObject({
      failure: { class: 'infra', reason: 'agent-install-failed', name: 'mine', file, line: 4 },
    });
    const sentence = failed.ok ? '' : failureMessage(failed.failure);
    expect(sentence).toMatch(
      /install\.sh:4: .* failed at "ls \S*none".*first\n.*No such file.*run again\.$/s,
    );
    const folder = path.join(dataDir, 'cache/agents');
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  });

  test('package settings of the machine are there for the script', async () => {
    process.env['PIP_INDEX_URL'] = 'https://user:nonce-4713@index.invalid/simple';
    const npmrc = path.join(scratchFolder(), 'npmrc');
    process.env['NPM_CONFIG_USERCONFIG'] = npmrc;
    writeFileSync(
      npmrc,
      'registry=https://npm.invalid/\n//npm.invalid/:_authToken=nonce-4714\ncolor=always\n',
      {
        mode: 0o600,
      },
    );
    const script = `test "$PIP_INDEX_URL" = https://user:nonce-4713@index.invalid/simple
test "$(grep -c -e npm.invalid/$ -e nonce-4714 "$NPM_CONFIG_USERCONFIG")" = 2
! grep color "$NPM_CONFIG_USERCONFIG"
echo "$PIP_INDEX_URL" > "$HOME/x"`;
    const need = given(await install(agentOf(script)));
    const places = runtime.isolation === 'process' ? '$1' : '$1 /etc /run /root /home';
    expect(await output(runtime, need, `grep -rs nonce-471 ${places}; true`)).toBe('');
    if (need.image !== null) {
      const env = { ...process.env, DOCKER_HOST: engineSocket ?? '' };
      const said = ['inspect', 'history'].map((word) =>
        execFileSync('docker', [word, need.image ?? ''], { env }),
      );
      expect(said.join('')).not.toContain('nonce-471');
    }
  });

  test.each(['echo "index=$PIP_INDEX_URL" > "$PREFIX/bin/x"', 'echo nonce-4713 > "$PREFIX/bin/x"'])(
    'they are not kept: %s',
    async (keep) => {
      process.env['PIP_INDEX_URL'] = 'https://user:nonce-4713@index.invalid/simple';
      const failed = await install(agentOf(`mkdir "$PREFIX/bin"\n${keep}`));
      expect(failed).toMatchObject({
        failure: {
          class: 'config',
          reason: 'agent-install-settings',
          kept: [expect.stringMatching(/bin\/x$/)],
        },
      });
      expect(failed.ok ? '' : failureMessage(failed.failure)).not.toContain('nonce');
    },
  );

  test('and not told in a failure', async () => {
    process.env['PIP_INDEX_URL'] = 'https://user:nonce-4713@index.invalid/simple';
    const failed = await install(agentOf('echo "at $PIP_INDEX_URL"\nfalse $PIP_INDEX_URL'));
    expect(failed.ok ? '' : failureMessage(failed.failure)).toMatch(
      /^(?!.*(nonce-4713|index\.invalid)).*at https:/s,
    );
  });
});

test.skipIf(engineSocket === null)('an engine lists and removes what was installed', async () => {
  const runtime = await dockerRuntime();
  if (!isDockerRuntime(runtime)) throw new Error('no engine');
  const { engine } = runtime;
  const { image } = given(await needs(agentOf(`${GOOD}\n# for removing`), runtime, scratchFolder()));
  const listed = given(await engine.images(AGENT_REPOSITORY));
  const mine: string[] = [];
  for (const { tag, madeMs } of listed)
    if (given(await engine.imageId(`${AGENT_REPOSITORY}:${tag}`)) === image) {
      expect(Math.abs(Date.now() - madeMs)).toBeLessThan(600_000);
      mine.push(`${AGENT_REPOSITORY}:${tag}`);
    }
  expect(mine).toHaveLength(1);
  for (const name of [...mine, `${AGENT_REPOSITORY}:none`])
    expect(await engine.removeImage(name)).toEqual({ ok: true, value: true });
  expect(await engine.imageId(mine[0] ?? '')).toEqual({ ok: true, value: null });
});

test('without anything that holds it the script is not run, unless that is allowed', async () => {
  const made = createLocalRuntime({ platform: 'p', base: 'b', unsafeLocal: false, isolation: 'process' });
  const failed = await needs(agentOf(GOOD), given(made), scratchFolder());
  expect(failed).toMatchObject({
    failure: { class: 'config', reason: 'unsafe-local-needed', role: 'agent-install' },
  });
  expect(failed.ok ? '' : failureMessage(failed.failure)).toMatch(/--unsafe-local\.$/);
});

test('an old install keeps the time of its last use', async () => {
  const dataDir = scratchFolder();
  const [, runtime] = localRuntimes()[0] ?? [];
  if (runtime === undefined) throw new Error('no local runtime');
  const agent = agentOf(GOOD);
  const folder = path.dirname(given(await needs(agent, runtime, dataDir)).installed[0]?.host ?? '');
  const done = path.join(folder, 'installed.json');
  utimesSync(done, 1000, 1000);
  given(await needs(agent, runtime, dataDir));
  expect(statSync(done).mtimeMs).toBeGreaterThan(1_000_000);
});

test('an npmrc is read as npm reads it', () => {
  const text =
    '; a\n# b\nregistry = "https://x/" \n//x/:_authToken=${TOKEN}\n@s:registry=https://${NONE}/\nflag\n';
  expect([...parseNpmrc(text, { TOKEN: 't' })]).toEqual([
    ['registry', 'https://x/'],
    ['//x/:_authToken', 't'],
    ['@s:registry', 'https://${NONE}/'],
  ]);
});

test('hosts and credentials of own registries are settings; public registries and paths are not', () => {
  const everybodys = [...defaultHosts()];
  expect(everybodys.length).toBeGreaterThan(0);
  const env = {
    PIP_INDEX_URL: `https://${everybodys.at(-1) ?? ''}/simple`,
    HTTPS_PROXY: 'http://me:p%40ssword@proxy.invalid:3128',
    PIP_FIND_LINKS: '/opt/wheels',
  };
  const npmrc = `registry=https://${everybodys[0] ?? ''}/\n@own:registry=https://npm.invalid/\n//npm.invalid/:_authToken=t0ken-long`;
  expect(settingsValues({ mounts: [], env }, [npmrc])).toEqual([
    '//proxy.invalid:3128', '@proxy.invalid:3128', 'p%40ssword', 'p@ssword', '//npm.invalid', '@npm.invalid', 't0ken-long',
  ]); // prettier-ignore
});

test.each([
  ['a script that is not there', MANIFEST.replace('install.sh', 'gone.sh'), { line: 5, key: 'install' }],
  ['a file that is not there', MANIFEST.replace('lib', 'gone'), { line: 6, key: 'installFiles.0' }],
  ['files for nothing', MANIFEST.replace(/^install: .*\n/m, ''), { key: 'installFiles' }],
  ['a model without network', `${MANIFEST}model: { forms: [openai] }\n`, { key: 'model' }],
  ['network without a model', `${MANIFEST}network: model\n`, { key: 'model' }],
  ['unproven without a reason', `${MANIFEST}verified: false\n`, { key: 'unproven' }],
])('%s is named with its place', (_, text, expected) => {
  const { dir } = agentOf(GOOD);
  writeFileSync(path.join(dir, 'agent.yaml'), text);
  expect(readAgent(dir, 'folder')).toMatchObject({ failure: { reason: 'config-invalid', ...expected } });
});

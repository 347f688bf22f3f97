import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureAgentImage, ensureBaseImage } from '../../src/runners/image.ts';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import { isDockerRuntime, type DockerRuntime } from '../../src/runtimes/docker.ts';
import { createLocalRuntime } from '../../src/runtimes/local.ts';
import { LIMITS } from '../contracts/runtime.ts';
import { BASE_IMAGE, engineSocket } from '../rigs/engine.ts';

const docker = (...args: string[]): string =>
  execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: engineSocket! } });

describe.skipIf(engineSocket === null)('images', () => {
  let runtime: DockerRuntime;
  let dir: string;
  const images: string[] = [];
  beforeAll(async () => {
    const chosen = await chooseRuntime({ requested: 'docker', unsafeLocal: false, baseImage: BASE_IMAGE });
    if (!chosen.ok || !isDockerRuntime(chosen.value)) throw new Error(JSON.stringify(chosen));
    runtime = chosen.value;
    dir = mkdtempSync(path.join(os.tmpdir(), 'image-'));
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
    for (const image of new Set(images)) docker('rmi', '-f', image);
  });
  const build = async (text: string): ReturnType<typeof ensureAgentImage> => {
    writeFileSync(path.join(dir, 'Dockerfile'), text);
    const built = await ensureAgentImage(runtime, { dir, dockerfile: 'Dockerfile', image: null });
    if (built.ok) images.push(built.value);
    return built;
  };
  const output = async (image: string, command: [string, ...string[]]): Promise<string> => {
    const stdout = path.join(dir, 'stdout');
    const end = await runtime.run({
      role: 'test', image, command, cwd: '/', mounts: [], env: {}, limits: LIMITS, network: 'none', foreign: false,
      stdout, stderr: path.join(dir, 'stderr'), labels: {},
    }); // prettier-ignore
    expect(end).toMatchObject({ ok: true, value: { code: 0 } });
    return readFileSync(stdout, 'utf8');
  };

  test('the base image is answered by its digest, and an agent without an image gets it', async () => {
    const base = await ensureBaseImage(runtime.engine, BASE_IMAGE);
    expect(base).toEqual({ ok: true, value: runtime.base });
    expect(runtime.base).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await ensureAgentImage(runtime, { dir, dockerfile: null, image: null })).toEqual(base);
  });

  test('an image that nobody has is missing', async () => {
    const answer = await ensureAgentImage(runtime, { dir, dockerfile: null, image: 'localhost:1/no-such:1' });
    expect(answer).toMatchObject({
      ok: false,
      failure: { reason: 'image-missing', image: 'localhost:1/no-such:1' },
    });
  });

  test('without an engine there is no image to make', async () => {
    const local = createLocalRuntime({ platform: 'p', base: 'system', unsafeLocal: false });
    if (!local.ok) throw new Error(JSON.stringify(local.failure));
    expect(await ensureAgentImage(local.value, { dir, dockerfile: 'nowhere', image: null })).toEqual({
      ok: true,
      value: 'system',
    });
  });

  test('a Dockerfile is carried out: files, variables, folder, later steps see earlier ones', async () => {
    mkdirSync(path.join(dir, 'tool/sub'), { recursive: true });
    writeFileSync(path.join(dir, 'tool/sub/data.txt'), 'data\n');
    writeFileSync(path.join(dir, 'run.sh'), '#!/bin/sh\ncat "$TOOL/sub/data.txt" /made\n');
    const built = await build(
      [
        'ARG BASE_IMAGE',
        'FROM ${BASE_IMAGE}',
        'ARG GREETING=hello',
        'ENV TOOL=/opt/tool PATH=/opt/bin:$PATH',
        'WORKDIR /opt/bin',
        'COPY tool $TOOL/',
        'COPY --chmod=755 run.sh run',
        'RUN echo "$GREETING from $PWD" > /made \\',
        ' && test -f "$TOOL/sub/data.txt"',
      ].join('\n'),
    );
    if (!built.ok) throw new Error(JSON.stringify(built.failure));
    expect(await output(built.value, ['run'])).toBe('data\nhello from /opt/bin\n');
  });

  test('the same digest is not built again; a changed copied file is', async () => {
    writeFileSync(path.join(dir, 'a.txt'), 'one');
    const text = 'ARG BASE_IMAGE\nFROM $BASE_IMAGE\nCOPY a.txt /a.txt\n';
    const first = await build(text);
    expect(await build(text)).toEqual(first);
    writeFileSync(path.join(dir, 'a.txt'), 'two');
    const second = await build(text);
    expect(second).not.toEqual(first);
    expect(second.ok && (await output(second.value, ['cat', '/a.txt']))).toBe('two');
  });

  test('the image keeps nothing of the way to the network', async () => {
    process.env['PIP_INDEX_URL'] = 'https://user:nonce-4713@index.invalid/simple';
    const built = await build(
      'ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN test "$PIP_INDEX_URL" = "https://user:nonce-4713@index.invalid/simple"\n',
    );
    delete process.env['PIP_INDEX_URL'];
    if (!built.ok) throw new Error(JSON.stringify(built.failure));
    expect(docker('inspect', built.value) + docker('history', '--no-trunc', built.value)).not.toContain(
      'nonce-4713',
    );
    const { Env } = (JSON.parse(docker('inspect', built.value)) as [{ Config: { Env: string[] } }])[0].Config;
    expect(Env.map((each) => each.split('=')[0]).sort()).toEqual(['LANG', 'PATH']);
    const found = await output(built.value, [
      'sh',
      '-c',
      'grep -rs nonce-4713 /etc /run /home /root /tmp /opt; true',
    ]);
    expect(found).toBe('');
  });

  test('a step that fails is named with its line and its last words', async () => {
    const built = await build('ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN echo why >&2; exit 3\n');
    expect(built).toMatchObject({
      ok: false,
      failure: { reason: 'image-build-failed', line: 3, step: 'RUN echo why >&2; exit 3', log: 'why' },
    });
    expect(docker('ps', '-aq', '--filter', `label=mig-pipeline.owner-pid=${process.pid}`)).toBe('');
  });
});

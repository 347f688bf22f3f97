import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sha256 } from '../../src/workspace/disk.ts';
import { parseHtmlPage, parseJsonPage } from '../../src/workspace/index-page.ts';
import { indexSettings, parsePipConfig } from '../../src/workspace/index-settings.ts';
import { openPackageIndex } from '../../src/workspace/package-index.ts';
import type { PackageIndex } from '../../src/workspace/package-index.ts';
import { writeFiles } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { simpleIndex } from '../rigs/simple-index.ts';

async function open(...urls: string[]): Promise<PackageIndex> {
  const settings = { urls, cert: null, proxy: null, from: 'test' };
  const index = await openPackageIndex({ settings, retry: { attempts: 2, firstPauseMs: 1 } });
  if (!index.ok) throw new Error('no index');
  return index.value;
}

function withVariables(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before;
    });
  }
}

describe('the settings', () => {
  it("are those of the host's pip, its variables first", async () => {
    withVariables({
      PIP_INDEX_URL: 'http://127.0.0.1:1/main',
      PIP_EXTRA_INDEX_URL: 'http://127.0.0.1:1/a http://127.0.0.1:1/b',
    });
    expect(await indexSettings()).toMatchObject({
      urls: ['http://127.0.0.1:1/main', 'http://127.0.0.1:1/a', 'http://127.0.0.1:1/b'],
      from: 'pip',
    });
  });

  it("are those of uv where pip is set to none, and pip's own default without either", async () => {
    const dir = scratchFolder();
    withVariables({ PIP_CONFIG_FILE: '/dev/null', HOME: dir, XDG_CONFIG_HOME: dir });
    const plain = await indexSettings();
    expect(plain?.urls[0]).toMatch(/^https:\/\/.*\/simple\/?$/);
    withVariables({ UV_DEFAULT_INDEX: 'main=http://127.0.0.1:1/uv', UV_INDEX: 'http://127.0.0.1:1/x' });
    expect(await indexSettings()).toMatchObject({
      urls: ['http://127.0.0.1:1/uv', 'http://127.0.0.1:1/x'],
      from: 'uv',
    });
  });

  it('that allow no index are a failure that says so', async () => {
    withVariables({ PIP_NO_INDEX: '1' });
    expect(await openPackageIndex()).toMatchObject({
      ok: false,
      failure: {
        class: 'infra',
        reason: 'source-unreachable',
        detail: expect.stringContaining('no-index') as string,
      },
    });
  });

  it("are read from pip's listing by its own precedence", () => {
    const listed =
      "global.index-url='http://g'\ndownload.index-url='http://d'\nglobal.extra-index-url='http://a\\nhttp://b'\n" +
      ":env:.cert='/c.pem'\nglobal.cert='/g.pem'\ninstall.index-url='http://i'\n";
    expect(Object.fromEntries(parsePipConfig(listed))).toEqual({
      'index-url': 'http://d',
      'extra-index-url': 'http://a\nhttp://b',
      cert: '/c.pem',
    });
  });
});

describe('files', () => {
  const content = Buffer.from('content');
  const file = { filename: 'x-1.0.tar.gz', content };

  it('of several indexes are put together, the first one wins', async () => {
    const one = await simpleIndex('x', [file]);
    const two = await simpleIndex('x', [
      { ...file, content: Buffer.from('other') },
      { filename: 'x-2.0.zip', content },
    ]);
    const files = await (await open(one.url, `${two.url}/`)).files('X');
    expect(files.ok && files.value.map(({ filename, sha256: hash }) => [filename, hash])).toEqual([
      ['x-1.0.tar.gz', sha256(content)],
      ['x-2.0.zip', sha256(content)],
    ]);
  });

  it('of an index that is a folder are read and copied', async () => {
    const dir = scratchFolder();
    writeFiles(dir, {
      'simple/x-y/index.html': `<a href="../../files/x_y-1.0.tar.gz#sha256=${sha256(content)}">x_y-1.0.tar.gz</a>`,
      'files/x_y-1.0.tar.gz': content,
    });
    const index = await open(pathToFileURL(path.join(dir, 'simple')).href);
    const files = await index.files('X_Y');
    if (!files.ok) throw new Error(files.failure.reason);
    const dest = path.join(dir, 'out/f');
    expect(await index.download(files.value[0]!, dest, null)).toEqual({
      ok: true,
      value: { sha256: sha256(content) },
    });
    expect(readFileSync(dest)).toEqual(content);
    expect(await index.files('unknown')).toEqual({ ok: true, value: [] });
  });

  it('are had although a further index is dead, but a dead one alone is a failure', async () => {
    const alive = await simpleIndex('x', [file]);
    const dead = await simpleIndex('x', [], { failures: 99 });
    expect(await (await open(alive.url, dead.url)).files('x')).toMatchObject({ ok: true });
    expect(await (await open(alive.url, dead.url)).files('y')).toMatchObject({
      ok: false,
      failure: { reason: 'source-unreachable' },
    });
  });

  it('that break off half way are asked for again, and a broken one leaves nothing', async () => {
    const dir = scratchFolder();
    let asked = 0;
    let breaks = 1;
    const server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-length': 7 });
      if (asked <= breaks) response.write('con', () => response.destroy());
      else response.end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x-1.0.tar.gz`;
    const index = await open(url);
    const wanted = {
      filename: 'x-1.0.tar.gz',
      url,
      sha256: null,
      uploadTime: null,
      requiresPython: null,
      yanked: false,
    };
    expect(await index.download(wanted, path.join(dir, 'ok'), null)).toMatchObject({ ok: true });
    expect(asked).toBe(2);
    breaks = 99;
    expect(await index.download(wanted, path.join(dir, 'never'), null)).toMatchObject({ ok: false });
    expect(readdirSync(dir)).toEqual(['ok']);
  });

  it('are asked for with the user and password of the address, which no message shows', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(403).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const index = await open(
      `http://me:sec%40ret@127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    );
    const files = await index.files('x');
    expect(seen).toEqual([`Basic ${Buffer.from('me:sec@ret').toString('base64')}`]);
    expect(JSON.stringify([files, index.addresses])).not.toContain('sec');
  });
});

describe('pages', () => {
  const hash = 'a'.repeat(64);

  it('in HTML give files with hash, time, Python and yanking, relative to the page or its base', () => {
    const page =
      `<base href="http://h/base/"><!-- <a href="no.zip">no.zip</a> -->` +
      `<a href='f/x-1.0%2Blocal.tar.gz#sha256=${hash}' data-requires-python=">=3.6,&lt;4" data-yanked data-upload-time="2022-03-13T10:09:32Z">x</a>` +
      `<a href="http://other/x-2.zip#md5=1">x-2.zip</a><a>none</a>`;
    expect(parseHtmlPage(page, 'http://h/simple/x/')).toEqual([
      {
        filename: 'x-1.0+local.tar.gz',
        url: 'http://h/base/f/x-1.0%2Blocal.tar.gz',
        sha256: hash,
        uploadTime: '2022-03-13T10:09:32.000Z',
        requiresPython: '>=3.6,<4',
        yanked: true,
      },
      {
        filename: 'x-2.zip',
        url: 'http://other/x-2.zip',
        sha256: null,
        uploadTime: null,
        requiresPython: null,
        yanked: false,
      },
    ]);
  });

  it('in JSON that are none are told apart from empty ones', () => {
    expect(parseJsonPage('{"files": []}', 'http://h/')).toEqual([]);
    expect(parseJsonPage('{"message": "not found"}', 'http://h/')).toBeNull();
    expect(parseJsonPage('<html>', 'http://h/')).toBeNull();
  });
});

import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SourceFailure } from '../model/failures/source.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { hostVariables } from './host-environment.ts';
import { openHttp, RETRY, withoutCredentials } from './http.ts';
import type { HttpClient, RetryRule } from './http.ts';
import { parseHtmlPage, parseJsonPage } from './index-page.ts';
import type { IndexFile } from './index-page.ts';
import { indexSettings } from './index-settings.ts';
import type { IndexSettings } from './index-settings.ts';

export type { IndexFile } from './index-page.ts';

/** The simple indexes (PEP 503, 691) that the host's installers use. */
export interface PackageIndex {
  /** Addresses as they may be shown, the main one first. */
  readonly addresses: readonly string[];
  /**
   * Files of a project from all indexes; of equal names the first index's. Empty when no index has the
   * project; `source-unreachable` when none has it and one could not be asked.
   */
  files(name: string): Promise<Result<IndexFile[], SourceFailure>>;
  /**
   * Writes a file to `dest`, whole or not at all. `hash-differs` when it is not what the caller expects, or
   * not what the index states; `source-unreachable` after the last retry.
   */
  download(
    file: IndexFile,
    dest: string,
    expectedSha256: string | null,
  ): Promise<Result<{ sha256: string }, SourceFailure>>;
}

const ACCEPT =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01';

let asked: { readonly key: string; readonly settings: Promise<IndexSettings | null> } | undefined;

/** Opens the host's indexes. The host's tools are asked once a process (again when their variables change). */
export async function openPackageIndex(
  options: { readonly retry?: RetryRule; readonly settings?: IndexSettings } = {},
): Promise<Result<PackageIndex, SourceFailure>> {
  const key = JSON.stringify(hostVariables(['PIP_', 'UV_', 'HOME']));
  if (options.settings === undefined && asked?.key !== key) asked = { key, settings: indexSettings() };
  const settings = options.settings ?? (await asked?.settings) ?? null;
  if (settings === null || settings.urls.length === 0) {
    const detail =
      settings === null
        ? 'neither pip nor uv is there to be asked for it: install one, or set PIP_INDEX_URL'
        : `${settings.from} names none`;
    return fail({ class: 'infra', reason: 'source-unreachable', source: 'package index', detail });
  }
  return ok(new Index(await openHttp(settings), settings, options.retry ?? RETRY));
}

class Index implements PackageIndex {
  readonly addresses: readonly string[];
  readonly #http: HttpClient;
  readonly #urls: readonly string[];
  readonly #retry: RetryRule;
  readonly #known = new Map<string, IndexFile[]>();

  constructor(http: HttpClient, settings: IndexSettings, retry: RetryRule) {
    this.addresses = settings.urls.map(withoutCredentials);
    this.#http = http;
    this.#urls = settings.urls;
    this.#retry = retry;
  }

  async files(name: string): Promise<Result<IndexFile[], SourceFailure>> {
    const project = name.toLowerCase().replaceAll(/[-_.]+/g, '-');
    const known = this.#known.get(project);
    if (known !== undefined) return ok(known);
    const found = new Map<string, IndexFile>();
    let unreachable: SourceFailure | undefined;
    for (const url of this.#urls) {
      const page = await this.#page(`${url.replace(/\/+$/, '')}/${encodeURIComponent(project)}/`);
      if (!page.ok) unreachable ??= page.failure;
      else for (const file of page.value) if (!found.has(file.filename)) found.set(file.filename, file);
    }
    if (found.size === 0 && unreachable !== undefined) return fail(unreachable);
    const files = [...found.values()];
    if (unreachable === undefined) this.#known.set(project, files);
    return ok(files);
  }

  async #page(address: string): Promise<Result<IndexFile[], SourceFailure>> {
    if (address.startsWith('file:')) return localPage(address);
    const answered = await this.#http.get(
      address,
      { accept: ACCEPT },
      async (response) => ({
        text: await response.text(),
        type: response.headers.get('content-type') ?? '',
        // relative links are relative to where a redirect led, credentials kept
        from: response.redirected ? response.url : address,
      }),
      this.#retry,
    );
    if (!answered.ok) {
      if (answered.failure.status === 404 || answered.failure.status === 410) return ok([]);
      return fail(unreachableFailure(address, answered.failure.detail));
    }
    const { text, type, from } = answered.value;
    if (!type.includes('json')) return ok(parseHtmlPage(text, from));
    const files = parseJsonPage(text, from);
    return files === null ? fail(unreachableFailure(address, 'the page is not a simple index')) : ok(files);
  }

  async download(
    file: IndexFile,
    dest: string,
    expectedSha256: string | null,
  ): Promise<Result<{ sha256: string }, SourceFailure>> {
    mkdirSync(path.dirname(dest), { recursive: true });
    const partial = `${dest}.part-${randomBytes(6).toString('hex')}`;
    try {
      const written = await this.#write(file.url, partial);
      if (!written.ok) return written;
      const expected = [expectedSha256, file.sha256].find((hash) => hash !== null && hash !== written.value);
      if (expected !== undefined && expected !== null) {
        return fail({
          class: 'infra',
          reason: 'hash-differs',
          file: file.filename,
          url: withoutCredentials(file.url),
          expected,
          actual: written.value,
        });
      }
      renameSync(partial, dest);
      return ok({ sha256: written.value });
    } finally {
      rmSync(partial, { force: true });
    }
  }

  async #write(url: string, partial: string): Promise<Result<string, SourceFailure>> {
    if (url.startsWith('file:')) {
      try {
        return ok(await save(createReadStream(fileURLToPath(url)), partial));
      } catch (error) {
        return fail(unreachableFailure(url, error instanceof Error ? error.message : String(error)));
      }
    }
    const answered = await this.#http.get(
      url,
      { 'accept-encoding': 'identity' },
      async (response) => {
        if (response.body === null) throw new Error('an answer without a body');
        return save(Readable.fromWeb(response.body), partial);
      },
      this.#retry,
    );
    return answered.ok ? answered : fail(unreachableFailure(url, answered.failure.detail));
  }
}

/** Streams into a file and gives the sha256. */
async function save(source: Readable, file: string): Promise<string> {
  const hash = createHash('sha256');
  const meter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      done(null, piece);
    },
  });
  await pipeline(source, meter, createWriteStream(file));
  return hash.digest('hex');
}

function localPage(address: string): Result<IndexFile[], SourceFailure> {
  const folder = fileURLToPath(address);
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return ok([]);
  const page = path.join(folder, 'index.html');
  try {
    return ok(parseHtmlPage(readFileSync(page, 'utf8'), pathToFileURL(page).href));
  } catch (error) {
    return fail(unreachableFailure(address, error instanceof Error ? error.message : String(error)));
  }
}

function unreachableFailure(url: string, detail: string): SourceFailure {
  return { class: 'infra', reason: 'source-unreachable', source: withoutCredentials(url), detail };
}

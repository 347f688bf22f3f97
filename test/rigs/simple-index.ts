import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Release {
  readonly filename: string;
  readonly content: Buffer;
  readonly uploadTime?: string;
  /** What the page says instead of the true hash; null: nothing. */
  readonly statedSha256?: string | null;
}

export interface IndexServer {
  /** Address of the simple index. */
  readonly url: string;
  readonly requests: string[];
}

/** A package index on loopback with one project, as HTML (PEP 503) or JSON (PEP 691, 700). */
export async function simpleIndex(
  project: string,
  releases: readonly Release[],
  options: { form?: 'html' | 'json'; failures?: number } = {},
): Promise<IndexServer> {
  const requests: string[] = [];
  let failures = options.failures ?? 0;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(pathname);
    if (failures > 0) {
      failures -= 1;
      response.writeHead(500).end();
      return;
    }
    const file = releases.find(({ filename }) => pathname === `/files/${encodeURIComponent(filename)}`);
    if (file !== undefined) response.writeHead(200).end(file.content);
    else if (pathname !== `/simple/${project}/`) response.writeHead(404).end();
    else if (options.form === 'json') {
      response
        .writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' })
        .end(jsonPage(releases));
    } else response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage(releases));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`, requests };
}

function statedHash({ content, statedSha256 }: Release): string | null {
  return statedSha256 === undefined ? createHash('sha256').update(content).digest('hex') : statedSha256;
}

function jsonPage(releases: readonly Release[]): string {
  const files = releases.map((release) => {
    const hash = statedHash(release);
    return {
      filename: release.filename,
      url: `../../files/${encodeURIComponent(release.filename)}`,
      hashes: hash === null ? {} : { sha256: hash },
      yanked: false,
      ...(release.uploadTime === undefined ? {} : { 'upload-time': release.uploadTime }),
    };
  });
  return JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'x', files });
}

function htmlPage(releases: readonly Release[]): string {
  const links = releases.map((release) => {
    const hash = statedHash(release);
    const href = `../../files/${encodeURIComponent(release.filename)}${hash === null ? '' : `#sha256=${hash}`}`;
    const time = release.uploadTime === undefined ? '' : ` data-upload-time="${release.uploadTime}"`;
    return `<a href="${href}" data-requires-python="&gt;=3.6"${time}>${release.filename}</a><br/>`;
  });
  return `<!DOCTYPE html><html><body>\n${links.join('\n')}\n</body></html>`;
}

import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import type { Agent, Dispatcher, Response } from 'undici';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { hostEnvironment } from './host-environment.ts';

/** How the host reaches the network, beyond its environment variables. */
export interface NetworkSettings {
  /** File with further trusted certificates. */
  readonly cert: string | null;
  readonly proxy: string | null;
}

export interface HttpProblem {
  /** Final HTTP status, null when there was no answer. */
  readonly status: number | null;
  readonly detail: string;
  /** The system's or the client's name of the error, such as `ECONNREFUSED`. */
  readonly code?: string;
}

export interface RetryRule {
  readonly attempts: number;
  /** Pause before the second attempt; doubles each time. */
  readonly firstPauseMs: number;
}

export const RETRY: RetryRule = { attempts: 5, firstPauseMs: 300 };

/** A client with the host's certificates and proxies. */
export interface HttpClient {
  /**
   * Gets a URL and hands the answer to `read`; tries again when there is no answer, when `read` fails half
   * way, and after 408, 425, 429 and 5xx. Redirects are followed. Other statuses are problems at once.
   */
  get<T>(
    url: string,
    headers: Readonly<Record<string, string>>,
    read: (response: Response) => Promise<T>,
    retry?: RetryRule,
  ): Promise<Result<T, HttpProblem>>;
}

export async function openHttp(settings: NetworkSettings): Promise<HttpClient> {
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const [{ EnvHttpProxyAgent, fetch }, { rootCertificates }] = await Promise.all([
    import('undici'),
    import('node:tls'),
  ]);
  const dispatcher = new EnvHttpProxyAgent(
    wayOut(settings, rootCertificates, { connectMs: 30_000, headersMs: 60_000, bodyMs: 60_000 }),
  );
  return {
    async get(url, headers, read, retry = RETRY) {
      const { address, authorization } = splitCredentials(url);
      let problem: HttpProblem = { status: null, detail: 'not tried' };
      for (let attempt = 1; attempt <= retry.attempts; attempt++) {
        if (attempt > 1) await pause(retry.firstPauseMs * 2 ** (attempt - 2));
        try {
          const response = await fetch(address, {
            dispatcher,
            headers: { 'user-agent': 'mig-pipeline', ...authorization, ...headers },
          });
          if (response.ok) return ok(await read(response));
          await response.body?.cancel();
          problem = { status: response.status, detail: `${response.status} ${response.statusText}`.trim() };
          if (!isPassing(response.status)) return fail(problem);
        } catch (error) {
          problem = { status: null, detail: wordsOf(error) };
        }
      }
      return fail({ ...problem, detail: `${problem.detail} (tried ${retry.attempts} times)` });
    },
  };
}

interface Times {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyMs: number;
}

/** Options of an agent that takes the host's certificates and proxies. */
function wayOut(settings: NetworkSettings, roots: readonly string[], times: Times) {
  const ca = certificates(settings.cert, roots);
  const host = hostEnvironment();
  return {
    connect: { ca, timeout: times.connectMs },
    requestTls: { ca },
    headersTimeout: times.headersMs,
    bodyTimeout: times.bodyMs,
    httpProxy: settings.proxy ?? host['http_proxy'] ?? host['HTTP_PROXY'] ?? '',
    httpsProxy: settings.proxy ?? host['https_proxy'] ?? host['HTTPS_PROXY'] ?? '',
    noProxy: host['no_proxy'] ?? host['NO_PROXY'] ?? '',
  };
}

/** How long a streamed answer may keep one waiting. */
export interface StreamingTimes {
  readonly connectMs: number;
  /** Until the answer's head. */
  readonly firstByteMs: number;
  /** Between two pieces of its body. */
  readonly betweenBytesMs: number;
}

export interface StreamingRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array | null;
  readonly signal: AbortSignal;
}

export interface StreamingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Errors when the answer ends in its middle; must be read to its end or destroyed. */
  readonly body: Readable;
}

/** A client that tries once, follows nothing and hands on bodies as they come; connections are kept. */
export interface StreamingClient {
  send(request: StreamingRequest): Promise<Result<StreamingAnswer, HttpProblem>>;
  close(): Promise<void>;
}

/** As `openHttp`; servers on loopback are reached without a proxy, whatever the host's variables say. */
export async function openStreaming(
  settings: NetworkSettings,
  times: StreamingTimes,
): Promise<StreamingClient> {
  const [{ Agent, EnvHttpProxyAgent }, { rootCertificates }] = await Promise.all([
    import('undici'),
    import('node:tls'),
  ]);
  const options = wayOut(settings, rootCertificates, {
    connectMs: times.connectMs,
    headersMs: times.firstByteMs,
    bodyMs: times.betweenBytesMs,
  });
  const kept = { keepAliveTimeout: 15_000 };
  const proxied: Dispatcher = new EnvHttpProxyAgent({ ...options, ...kept });
  const { connect, headersTimeout, bodyTimeout } = options;
  const direct: Agent = new Agent({ connect, headersTimeout, bodyTimeout, ...kept });
  return {
    async send({ url, method, headers, body, signal }) {
      const { origin, pathname, search, hostname } = new URL(url);
      try {
        const answer = await (isLoopback(hostname) ? direct : proxied).request({
          origin,
          path: `${pathname}${search}`,
          method,
          headers,
          body,
          signal,
        });
        // its errors are read where it is; one that comes after that must not end the process
        answer.body.on('error', () => undefined);
        return ok({ status: answer.statusCode, headers: withoutGaps(answer.headers), body: answer.body });
      } catch (error) {
        const { code } = error as { code?: unknown };
        return fail({
          status: null,
          detail: wordsOf(error),
          ...(typeof code === 'string' ? { code } : {}),
        });
      }
    },
    async close() {
      await Promise.all([proxied.destroy(), direct.destroy()]);
    },
  };
}

function withoutGaps(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const filled: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) filled[name] = value;
  return filled;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Node's own roots and the host's bundle; undefined leaves Node's default (with NODE_EXTRA_CA_CERTS). */
function certificates(cert: string | null, roots: readonly string[]): string[] | undefined {
  const host = hostEnvironment(['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']);
  const files = [
    cert,
    host['SSL_CERT_FILE'],
    host['REQUESTS_CA_BUNDLE'],
    host['CURL_CA_BUNDLE'],
    host['NODE_EXTRA_CA_CERTS'],
  ];
  const found = new Set(files.filter((file) => file !== null && file !== undefined && existsSync(file)));
  if (found.size === 0) return undefined;
  return [...roots, ...[...found].map((file) => readFileSync(file as string, 'utf8'))];
}

/** fetch refuses credentials in a URL; they go into a header. */
function splitCredentials(url: string): { address: string; authorization: Record<string, string> } {
  const parsed = new URL(url);
  if (parsed.username === '') return { address: url, authorization: {} };
  const pair = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  parsed.username = '';
  parsed.password = '';
  const basic = Buffer.from(pair).toString('base64');
  return { address: parsed.href, authorization: { authorization: `Basic ${basic}` } };
}

/** A URL as it may be shown: without user and password. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1');
}

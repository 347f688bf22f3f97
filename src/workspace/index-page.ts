import * as z from 'zod';

/** One file of a project on an index. */
export interface IndexFile {
  readonly filename: string;
  readonly url: string;
  /** As the index states it; null where it does not. */
  readonly sha256: string | null;
  /** RFC 3339, UTC; null where the index does not say. */
  readonly uploadTime: string | null;
  readonly requiresPython: string | null;
  readonly yanked: boolean;
}

const jsonPage = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z.record(z.string(), z.string()).default({}),
      'upload-time': z.string().nullish(),
      'requires-python': z.string().nullish(),
      yanked: z.union([z.boolean(), z.string()]).default(false),
    }),
  ),
});

/** A project's page in the JSON form (PEP 691, 700). Null when it is not one. */
export function parseJsonPage(text: string, address: string): IndexFile[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const page = jsonPage.safeParse(value);
  if (!page.success) return null;
  return page.data.files.flatMap((file) => {
    const url = resolved(file.url, address);
    if (url === null) return [];
    return {
      filename: file.filename,
      url,
      sha256: digestOf(file.hashes['sha256']),
      uploadTime: instant(file['upload-time']),
      requiresPython: file['requires-python'] ?? null,
      yanked: file.yanked !== false,
    };
  });
}

/** A project's page in the HTML form (PEP 503, with `data-upload-time` where the index gives it). */
export function parseHtmlPage(text: string, address: string): IndexFile[] {
  const html = text.replaceAll(/<!--[\s\S]*?-->/g, '');
  const base = attributesOf(/<base\b([^>]*)>/i.exec(html)?.[1] ?? '').get('href');
  const from = base === undefined ? address : (resolved(base, address) ?? address);
  const files: IndexFile[] = [];
  // attribute values may hold '>' (data-requires-python=">=3.6")
  for (const match of html.matchAll(/<a\b((?:[^>"']|"[^"]*"|'[^']*')*)>([\s\S]*?)<\/a>/gi)) {
    const attributes = attributesOf(match[1] ?? '');
    const href = resolved(attributes.get('href') ?? '', from);
    if (href === null) continue;
    const url = new URL(href);
    const filename = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    if (filename === '') continue;
    const hash = /(?:^#|&)sha256=([0-9a-f]{64})/i.exec(url.hash)?.[1];
    url.hash = '';
    files.push({
      filename,
      url: url.href,
      sha256: digestOf(hash),
      uploadTime: instant(attributes.get('data-upload-time')),
      requiresPython: attributes.get('data-requires-python') ?? null,
      yanked: attributes.has('data-yanked'),
    });
  }
  return files;
}

function resolved(href: string, address: string): string | null {
  return href !== '' && URL.canParse(href, address) ? new URL(href, address).href : null;
}

function digestOf(text: string | undefined): string | null {
  return text !== undefined && /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : null;
}

function instant(text: string | null | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function attributesOf(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const match of text.matchAll(/([a-z][a-z0-9-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi)) {
    attributes.set((match[1] ?? '').toLowerCase(), unescaped(match[2] ?? match[3] ?? match[4] ?? ''));
  }
  return attributes;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return ENTITIES[(name ?? '').toLowerCase()] ?? whole;
    },
  );
}

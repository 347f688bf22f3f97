const MARK = '[redacted]';
/** Shorter values are found everywhere by chance and would shred what they are sought in. */
const SHORTEST = 6;

/** Takes secrets out of what is kept or handed on. */
export interface Redactor {
  text(text: string): string;
  /** The same bytes where there is nothing to take out. */
  bytes(bytes: Buffer): Buffer;
  /** For a stream in pieces: what is handed back may come a little later, never otherwise changed. */
  stream(): StreamRedactor;
}

export interface StreamRedactor {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** A redactor of these values in the clear, URL-encoded, as JSON text, in hexadecimal and in base64 of any alignment. */
export function redactorOf(secrets: readonly string[]): Redactor {
  const values = [...new Set(secrets)].filter((secret) => secret.length >= SHORTEST);
  const forms = [...new Set(values.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const text = (given: string): string => {
    let clean = given;
    for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, MARK);
    return clean;
  };
  const bytes = (given: Buffer): Buffer => {
    if (!forms.some((form) => given.includes(form))) return given;
    return Buffer.from(text(given.toString('latin1')), 'latin1');
  };
  return { text, bytes, stream: () => streamRedactor(values, bytes) };
}

/** Non-ASCII secrets are sought in the clear only where the text is text: keys are ASCII. */
function formsOf(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex');
  const plain = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    hex,
    hex.toUpperCase(),
  ];
  return [...plain, ...[0, 1, 2].flatMap((before) => base64At(secret, before))];
}

/** What of a base64 text tells of the secret alone when it begins `before` bytes after a multiple of three. */
function base64At(secret: string, before: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  const firstWhole = Math.ceil((before * 8) / 6);
  const whole = Math.floor((bytes.length * 8) / 6);
  const text = bytes.toString('base64').slice(firstWhole, whole);
  return text.length < 8 ? [] : [text, text.replaceAll('+', '-').replaceAll('/', '_')];
}

function streamRedactor(secrets: readonly string[], clean: (bytes: Buffer) => Buffer): StreamRedactor {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const keep = beginning(all, secrets);
      held = all.subarray(all.length - keep);
      return clean(all.subarray(0, all.length - keep));
    },
    end() {
      const rest = held;
      held = Buffer.alloc(0);
      return clean(rest);
    },
  };
}

/** Length of the longest end of `bytes` with which a secret could begin. */
function beginning(bytes: Buffer, secrets: readonly string[]): number {
  const most = Math.max(0, ...secrets.map(({ length }) => length - 1));
  const tail = bytes.toString('latin1', Math.max(0, bytes.length - most));
  let longest = 0;
  for (const secret of secrets) {
    const first = secret.slice(0, 1);
    for (
      let at = tail.indexOf(first);
      at >= 0 && tail.length - at > longest;
      at = tail.indexOf(first, at + 1)
    ) {
      if (tail.length - at < secret.length && secret.startsWith(tail.slice(at))) longest = tail.length - at;
    }
  }
  return longest;
}

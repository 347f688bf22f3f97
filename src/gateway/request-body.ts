/** A member of a JSON object: its key and where its value stands, in bytes. */
export interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN, CLOSE, LIST, LIST_END, COMMA, COLON] = [0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a];

/**
 * The members of the object that a text is, found without reading what they hold, so that a body can be changed in one
 * place and stays as it is everywhere else. Undefined where the text is no object.
 */
export function membersOf(body: Buffer): Member[] | undefined {
  const members: Member[] = [];
  let at = skipBlanks(body, 0);
  if (body[at] !== OPEN) return undefined;
  at = skipBlanks(body, at + 1);
  if (body[at] === CLOSE) return skipBlanks(body, at + 1) === body.length ? members : undefined;
  for (;;) {
    if (body[at] !== QUOTE) return undefined;
    const keyEnd = endOfString(body, at);
    const key = parsed(body, at, keyEnd);
    at = skipBlanks(body, keyEnd);
    if (typeof key !== 'string' || body[at] !== COLON) return undefined;
    const start = skipBlanks(body, at + 1);
    const end = endOfValue(body, start);
    if (end <= start) return undefined;
    members.push({ key, start, end });
    at = skipBlanks(body, end);
    if (body[at] === CLOSE) return skipBlanks(body, at + 1) === body.length ? members : undefined;
    if (body[at] !== COMMA) return undefined;
    at = skipBlanks(body, at + 1);
  }
}

/** Value of a member; undefined where there is none, or it is not JSON. */
export function valueOf(body: Buffer, members: readonly Member[], key: string): unknown {
  const member = members.find((one) => one.key === key);
  return member === undefined ? undefined : parsed(body, member.start, member.end);
}

/** The body with another value for `key`, which is added at the end where it is not there; no other byte changes. */
export function withMember(body: Buffer, members: readonly Member[], key: string, value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const member = members.find((one) => one.key === key);
  if (member !== undefined)
    return Buffer.concat([body.subarray(0, member.start), text, body.subarray(member.end)]);
  const last = members.at(-1);
  const at = last?.end ?? body.indexOf(OPEN) + 1;
  const name = Buffer.from(`${last === undefined ? '' : ','}${JSON.stringify(key)}:`);
  return Buffer.concat([body.subarray(0, at), name, text, body.subarray(at)]);
}

function parsed(body: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(body.toString('utf8', start, end)) as unknown;
  } catch {
    return undefined;
  }
}

function skipBlanks(body: Buffer, from: number): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at++;
  return at;
}

/** Behind the closing quote of the string that begins at `from`. */
function endOfString(body: Buffer, from: number): number {
  let at = from + 1;
  for (;;) {
    const quote = body.indexOf(QUOTE, at);
    if (quote < 0) return body.length;
    let escapes = 0;
    while (body[quote - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function endOfValue(body: Buffer, from: number): number {
  let at = from;
  let depth = 0;
  while (at < body.length) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at) - 1;
    else if (byte === OPEN || byte === LIST) depth++;
    else if (byte === CLOSE || byte === LIST_END) {
      if (depth === 0) return blankBefore(body, from, at);
      depth--;
    } else if (byte === COMMA && depth === 0) return blankBefore(body, from, at);
    at++;
    if (depth === 0 && (byte === QUOTE || byte === CLOSE || byte === LIST_END)) return at;
  }
  return from;
}

function blankBefore(body: Buffer, from: number, end: number): number {
  let at = end;
  while (at > from && skipBlanks(body, at - 1) > at - 1) at--;
  return at;
}

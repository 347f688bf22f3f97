/** Words after which a bracket begins a value of its own, in any version of Python. `print` and `exec` are names. */
const KEYWORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import ' +
    'in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);
const NAME = /^[\p{L}_]/u;

export function isKeyword(token: string): boolean {
  return KEYWORDS.has(token);
}

/** A name or keyword: neither a number, nor an operator, nor a string (which ends in its quote). */
export function isWord(token: string): boolean {
  const end = token.charCodeAt(token.length - 1);
  if (end === 39 || end === 34) return false;
  const start = token.charCodeAt(0);
  if (start >= 128) return NAME.test(token);
  return (start >= 97 && start <= 122) || (start >= 65 && start <= 90) || start === 95;
}

export function isName(token: string): boolean {
  return isWord(token) && !KEYWORDS.has(token);
}

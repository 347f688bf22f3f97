/** Folders and files that Python or pytest obeys wherever they lie on the path: metadata with entry points. */
const METADATA =
  /^(?:.*\.(?:egg-info|dist-info|egg-link|pth)|entry_points\.txt|pyvenv\.cfg|python[\d.]*\._pth)$/i;
/** Imported by the interpreter's start-up by name, as module or as package. */
const START_UP = /^(?:site|user)customize(?:\.py[wi]?)?$/i;

/** What an installer or the interpreter's start-up obeys; null for all else. */
export function obeyedBecause(path: string): string | null {
  const parts = path.split('/');
  if (parts.some((part) => METADATA.test(part))) return 'metadata that Python or pytest obeys';
  return parts.some((part) => START_UP.test(part)) ? "Python's start-up" : null;
}

const COMPILED_NAME = /\.(?:py[co]|so(?:\.[\d.]+)?|pyd|dll|dylib|egg|whl|pyzw?)$/i;

/** Starts of programs and libraries for Linux, Windows and macOS. */
const PROGRAMS = ['7f454c46', '4d5a9000', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe'].map(
  (start) => Buffer.from(start, 'hex'),
);
const ZIP_END = Buffer.from('PK\u0005\u0006', 'latin1');
/** The end record of an archive and the longest comment that may follow it. */
const ZIP_TAIL = 22 + 0xffff;

/**
 * Code that Python can run without its text being shown: bytecode, libraries, archives that hold modules. By name,
 * and by content whatever the name says (an archive is found by its end, so that text before it hides nothing).
 */
export function compiledBecause(path: string, content: Uint8Array | null): string | null {
  const parts = path.split('/');
  if (parts.includes('__pycache__') || COMPILED_NAME.test(parts.at(-1) ?? '')) return 'compiled code';
  if (content === null || content.length < 4) return null;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (PROGRAMS.some((start) => bytes.subarray(0, 4).equals(start))) return 'compiled code';
  // CPython's bytecode: two bytes of a number, CR and LF, 4, 8 or 12 bytes of times and sizes, a code object
  const isCode = [8, 12, 16].some((at) => bytes[at] === 0x63 || bytes[at] === 0xe3);
  if (bytes[2] === 13 && bytes[3] === 10 && isCode && bytes.includes(0)) return 'compiled code';
  if (bytes.subarray(-ZIP_TAIL).includes(ZIP_END) && /\.py[co]?|\.so|\.pth/.test(bytes.toString('latin1')))
    return 'archive with code';
  return null;
}

import { assignmentsOf, depthsOf } from './bindings.ts';
import type { LogicalLine } from './logical-line.ts';

/** Functions that import what a text names, by the last part of their name. */
const IMPORTERS = new Set([
  '__import__',
  'find_loader',
  'find_module',
  'find_spec',
  'import_by_path',
  'import_dotted_path',
  'import_from_string',
  'import_item',
  'import_module',
  'import_name',
  'import_object',
  'import_string',
  'lazy_import',
  'load_module',
  'locate',
  'optional_import',
  'resolve_name',
  'run_module',
  'safe_import',
  'try_import',
]);
/** Functions that run a text as code. */
const RUNNERS = new Set(['exec', 'eval', 'compile']);
const ANY = /import|locate|resolve_name|find_|load_module|run_module|exec|eval|compile|modules/;

/** A line that imports a library by a text, and the names that it assigns. */
export interface DynamicImport {
  readonly line: LogicalLine;
  readonly index: number;
  readonly targets: readonly string[];
}

/**
 * Lines that reach a library by a text: `importlib.import_module('A')`, `__import__('A.b')`, `import_string('A.f')`,
 * `exec('import A')`, `sys.modules['A']`; also where the text was assigned to a name of the file before. Texts that
 * are put together at run time are out of reach.
 */
export function dynamicImports(
  lines: readonly LogicalLine[],
  isOfLibrary: (module: string) => boolean,
): DynamicImport[] {
  if (!lines.some((line) => ANY.test(line.key))) return [];
  const named = new Set<string>();
  for (const { tokens } of lines) {
    const text = tokens.length >= 3 && tokens.at(-2) === '=' ? stringAt(tokens, tokens.length - 1) : null;
    if (text !== null && isOfLibrary(moduleOf(text))) named.add(tokens.at(-3) ?? '');
  }
  const holds = (tokens: readonly string[], from: number, to: number): boolean =>
    texts(tokens, from, to).some((text) => isOfLibrary(moduleOf(text))) ||
    tokens.slice(from, to).some((token, at) => named.has(token) && tokens[from + at + 1] !== '=');
  return lines.flatMap((line, index) => {
    if (!ANY.test(line.key)) return [];
    const { tokens } = line;
    const depths = depthsOf(tokens);
    const isOne = tokens.some((token, at) => {
      const opens = tokens[at + 1];
      if (opens !== '(' && opens !== '[') return false;
      let to = at + 2;
      while (to < tokens.length && (depths[to] ?? 0) > (depths[at + 1] ?? 0)) to++;
      if (token === 'modules') return opens === '[' && holds(tokens, at + 2, to);
      if (opens === '[') return false;
      if (token === 'get' && tokens[at - 2] === 'modules') return holds(tokens, at + 2, to);
      if (RUNNERS.has(token))
        return texts(tokens, at + 2, to).some((text) => importedIn(text).some(isOfLibrary));
      return IMPORTERS.has(token) && holds(tokens, at + 2, to);
    });
    if (!isOne) return [];
    const targets = assignmentsOf(tokens, depths).flatMap((assignment) => assignment.targets);
    return [{ line, index, targets }];
  });
}

/** `A.b:c` and `A.b` speak of the module A.b. */
const moduleOf = (text: string): string => text.split(':')[0]?.trim() ?? '';

function importedIn(code: string): string[] {
  return [...code.matchAll(/(?:^|[\n;:]|\\n)\s*(?:import|from)\s+([\p{L}\p{N}_.]+)/gu)].map(
    (match) => match[1] ?? '',
  );
}

/** The texts between two tokens, those beside one another or added up as one. */
function texts(tokens: readonly string[], from: number, to: number): string[] {
  const found: string[] = [];
  let goesOn = false;
  for (let at = from; at < to; at++) {
    const text = stringAt(tokens, at);
    if (text === null) {
      goesOn = tokens[at] === '+' && goesOn;
      continue;
    }
    if (goesOn) found.push((found.pop() ?? '') + text);
    else found.push(text);
    goesOn = true;
  }
  return found;
}

/** What stands in a string token; null for any other token. */
function stringAt(tokens: readonly string[], at: number): string | null {
  const match = /^[a-z]*('''|"""|'|")([^]*)\1$/.exec(tokens[at] ?? '');
  return match === null ? null : (match[2] ?? '');
}

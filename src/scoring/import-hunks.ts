import { importsOf, type ImportBinding } from './bindings.ts';
import { importingLines, isFuture, isGuard, isImport, physicalLines, surroundings } from './import-lines.ts';
import { overlaps, type HunkGroup, type LabelledHunk } from './labelled-groups.ts';
import type { LogicalLine } from './logical-line.ts';
import { SourceText } from './source-reader.ts';

type Lines = readonly LogicalLine[];

const metBefore = (lines: Lines, hunks: readonly LabelledHunk[]): LogicalLine[] =>
  lines.filter((line) => hunks.some((hunk) => overlaps(line, hunk.aFrom, hunk.aTo)));
const metAfter = (lines: Lines, hunks: readonly LabelledHunk[]): LogicalLine[] =>
  lines.filter((line) => hunks.some((hunk) => overlaps(line, hunk.bFrom, hunk.bTo)));

/** Whether a group changes imports at the module's load and what guards them, and no other statement. */
export function changesImportsAlone(group: HunkGroup, old: Lines, now: Lines): boolean {
  const [gone, kept] = [metBefore(old, group), metAfter(now, group)];
  const around = new Map([...surroundings(old), ...surroundings(now)]);
  const met = [...gone, ...kept];
  return (
    met.some(isImport) &&
    met.every((line) => (isImport(line) || isGuard(line)) && around.get(line)?.atLoad === true)
  );
}

/** B's lines of each hunk without its imports at load, after G's imports of the hunk. */
export function withoutImports(old: Lines, now: Lines): (hunk: LabelledHunk) => readonly string[] {
  const gone = physicalLines(old, importingLines(old));
  const kept = physicalLines(now, importingLines(now));
  return ({ file, aFrom, aTo, bFrom, bTo }) => [
    ...file.now.slice(bFrom, bTo).filter((_, at) => kept.has(bFrom + at + 1)),
    ...file.old.slice(aFrom, aTo).filter((_, at) => !gone.has(aFrom + at + 1)),
  ];
}

/** The imports of G in the hunks that bind what no import of B in them binds. */
export function importsTakenAway(
  hunks: readonly LabelledHunk[],
  old: Lines,
  now: Lines,
): readonly ImportBinding[] {
  const known = new Set(bindingsOf(metBefore(old, hunks)).map(whatIsBound));
  return bindingsOf(metAfter(now, hunks)).filter((binding) => !known.has(whatIsBound(binding)));
}

/** Lines of G outside the hunks, imports aside, that use a name which one of the imports binds. */
export function usesOf(imports: readonly ImportBinding[], hunks: readonly LabelledHunk[], now: Lines): Lines {
  const taken = new Set(metAfter(now, hunks));
  const names = new Set(imports.map(({ binds }) => binds));
  return now.filter((line) => !taken.has(line) && !isImport(line) && usesAny(line, names));
}

const bindingsOf = (lines: Lines): ImportBinding[] => lines.flatMap(({ tokens }) => importsOf(tokens));

/** `import a.b` binds a, as `import a` does. */
function whatIsBound({ module, name, binds, renamed }: ImportBinding): string {
  const what = name === null ? (renamed ? module : binds) : `${module} ${name}`;
  return `${binds} = ${what}`;
}

const namesOf = (lines: Lines): Set<string> => new Set(bindingsOf(lines).map(({ binds }) => binds));

const usesAny = ({ tokens }: LogicalLine, names: ReadonlySet<string>): boolean =>
  names.has('*') || tokens.some((token, at) => names.has(token) && tokens[at - 1] !== '.');

/**
 * A text of G with statements of B, and beside G's imports those of B that the statements use and G has not got,
 * each under a `try`, so that one that is refused is missing where it is used.
 *
 * @param text G's text with the hunks taken back, imports left out
 */
export function withOldImports(text: string, hunks: readonly LabelledHunk[], old: Lines, now: Lines): string {
  const importing = importingLines(old);
  const used = metBefore(old, hunks).filter((line) => !importing.has(line));
  const bound = namesOf([...importingLines(now)]);
  const wanted = bindingsOf([...importing].filter((line) => !isFuture(line))).filter(
    ({ binds }) => !bound.has(binds) && used.some((line) => usesAny(line, new Set([binds]))),
  );
  const { lexed } = new SourceText(text, new Map());
  if (wanted.length === 0 || !lexed.ok) return text;
  const place = lexed.lines.find((line, at) => !isFuture(line) && !(at === 0 && isDocstring(line)));
  const lines = text.split('\n');
  lines.splice(
    (place?.first ?? 1) - 1,
    0,
    ...wanted.flatMap((binding) => ['try:', `    ${written(binding)}`, 'except ImportError:', '    pass']),
  );
  return lines.join('\n');
}

const isDocstring = ({ tokens }: LogicalLine): boolean =>
  tokens.length === 1 && /["']$/.test(tokens[0] ?? '');

function written({ module, name, binds, renamed }: ImportBinding): string {
  const as = renamed ? ` as ${binds}` : '';
  return name === null ? `import ${module}${as}` : `from ${module} import ${name}${as}`;
}

/**
 * The text with each import of B that the hunks brought back under a `try`, unless it stands in one, so that what
 * it binds is missing where it is used instead of the module where it is loaded.
 *
 * @param plain G's text with the hunks taken back
 */
export function lateImports(hunks: readonly LabelledHunk[], plain: string): string | null {
  const { lexed } = new SourceText(plain, new Map());
  if (!lexed.ok) return null;
  const brought: [from: number, to: number][] = [];
  let shift = 0;
  for (const { aFrom, aTo, bFrom, bTo } of [...hunks].sort((a, b) => a.bFrom - b.bFrom)) {
    brought.push([bFrom + shift, bFrom + shift + aTo - aFrom]);
    shift += aTo - aFrom - (bTo - bFrom);
  }
  const around = surroundings(lexed.lines);
  const alone = physicalLines(lexed.lines, new Set(lexed.lines.filter(isImport)));
  const statements = new Map(
    lexed.lines
      .filter((line) => isImport(line) && !isFuture(line) && alone.has(line.first))
      .filter((line) => around.get(line)?.inTry === false)
      .filter((line) => brought.some(([from, to]) => overlaps(line, from, to)))
      .map(({ first, last }) => [first, last] as const),
  );
  const lines = plain.split('\n');
  const out: string[] = [];
  for (let at = 1; at <= lines.length; at++) {
    const last = statements.get(at);
    if (last === undefined) {
      out.push(lines[at - 1] ?? '');
      continue;
    }
    const indent = /^[ \t\f]*/.exec(lines[at - 1] ?? '')?.[0] ?? '';
    out.push(`${indent}try:`);
    for (; at < last; at++) out.push(inner(lines[at - 1] ?? ''));
    out.push(inner(lines[at - 1] ?? ''), `${indent}except ImportError:`, `${indent}    pass`);
  }
  return out.join('\n');
}

/** One step deeper; a tab in front stays in front. */
const inner = (line: string): string => line.replace(/^([ \t\f]*)/, '$1    ');

import type { LabelledFile } from '../model/labels.ts';
import { blockProblem } from './block-structure.ts';
import {
  changesImportsAlone,
  importsTakenAway,
  lateImports,
  usesOf,
  withOldImports,
  withoutImports,
} from './import-hunks.ts';
import {
  labelledGroups,
  overlaps,
  takenHunk,
  type FilePair,
  type HunkGroup,
  type LabelledHunk,
  type TakenHunk,
} from './labelled-groups.ts';
import type { LogicalLine } from './logical-line.ts';
import { countLines, minus } from './multiset.ts';
import { SourceReader, SourceText } from './source-reader.ts';
import { withTexts } from './text-tree.ts';
import type { TreeView } from './tree-view.ts';
import type { Unit } from './units.ts';

/** The ground truth with a piece of the migration taken back. */
export interface HunkMutant {
  /** Stable: the path, and each hunk's lines before and after as labels write them (`a.py:3-4:3+9:8-9`). */
  readonly name: string;
  /** Whether statements were taken back, or only what an import binds. */
  readonly kind: 'code' | 'import';
  readonly hunks: readonly TakenHunk[];
  readonly tree: TreeView;
}

/**
 * The ground truth G with one labelled group of hunks taken back to B's text: a suite that passes on G and on a
 * mutant does not see that piece of the migration.
 *
 * - Statements are taken back, imports are not: in E_B the source library is refused, so with its import back the
 *   module fails when it is loaded, and any test that loads it would "kill" every mutant of it. G's imports stay;
 *   what the statements of B use and only B imports comes back beside them under `try: ... except ImportError:
 *   pass`. So the old call fails when it is reached where its library is refused, and does what it did where not
 *   (in an upgrade).
 * - Groups that change nothing but imports that run at load are taken back together, one mutant a file, with B's
 *   imports under such a `try`: what they bind is missing where it is used. There is none where each use of what
 *   only G imports lies in a group that is a mutant of its own (it would count the same fault twice), nor where B
 *   binds all that G binds (taking back takes nothing away). Where nothing in the file uses what they bind (names
 *   for other modules), B's imports come back as they were, if the file has no other mutant.
 * - Where the file no longer lexes, or its blocks no longer fit, the smallest set of groups of the file that does
 *   is taken back instead, adjacent ones first, with their imports if need be; no such check where G's fails too.
 * - Taking back may leave G's or B's code (as multisets of logical lines; an upgrade in one hunk leaves B's): that
 *   is no mutant. Nor are groups of files that G took away: nothing in G reaches them. Equal trees appear once.
 *
 * Order: by path, code before imports, then by line.
 *
 * @param labels resolved ones: see `resolveLabels` for derived labels and for all changed lines
 */
export function hunkMutants(
  before: TreeView,
  after: TreeView,
  labels: readonly LabelledFile[],
  reader = new SourceReader(),
): readonly HunkMutant[] {
  const { groups, units } = labelledGroups(reader, before, after, labels);
  const byFile = new Map<FilePair, HunkGroup[]>();
  for (const group of groups) {
    const file = group[0]?.file;
    if (file !== undefined && file.afterPath !== null) byFile.set(file, [...(byFile.get(file) ?? []), group]);
  }
  const code = new CodeOf(reader, before, after, units);
  return [...byFile].flatMap(([file, own]) => mutantsOf(file, own, code));
}

/** Says whose code a text in place of a file of G would be. */
class CodeOf {
  readonly reader: SourceReader;
  readonly before: TreeView;
  readonly after: TreeView;
  private readonly units: readonly Unit[];

  constructor(reader: SourceReader, before: TreeView, after: TreeView, units: readonly Unit[]) {
    this.reader = reader;
    this.before = before;
    this.after = after;
    this.units = units;
  }

  /** Whether the tree, which is G but for one file, has G's or B's code, compared as the score compares it. */
  isKnown(tree: TreeView, path: string): boolean {
    const touched = this.units.find(({ paths }) => paths.includes(path));
    if (touched === undefined) return true;
    const differ = this.units.filter(({ edits }) => edits.dg.size + edits.ag.size > 0);
    if (this.isSame(touched, tree, 'after')) return true;
    return differ.every((unit) => unit === touched) && this.isSame(touched, tree, 'before');
  }

  private isSame(unit: Unit, tree: TreeView, side: 'before' | 'after'): boolean {
    const fallsBack = [this.before, this.after].some((known) =>
      unit.paths.some((path) => this.reader.read(known, path)?.lexed.ok === false),
    );
    const found = unit.paths.flatMap((path) => {
      const source = this.reader.read(tree, path);
      return source === null ? [] : linesOf(source, fallsBack);
    });
    const [is, was] = [countLines(found), countLines(unit[side].map(({ line }) => line))];
    return minus(is, was).size === 0 && minus(was, is).size === 0;
  }
}

const linesOf = (source: SourceText, fallsBack: boolean): readonly LogicalLine[] =>
  fallsBack ? source.fallBack : source.lexed.ok ? source.lexed.lines : [];

function mutantsOf(file: FilePair, groups: readonly HunkGroup[], code: CodeOf): HunkMutant[] {
  const found = new Map<string, HunkMutant>();
  const path = file.afterPath ?? file.path;
  const now = code.reader.read(code.after, path);
  const old = file.beforePath === null ? null : code.reader.read(code.before, file.beforePath);
  if (now === null) return [];
  const lexed = [lexedLines(old), lexedLines(now)] as const;
  const [oldCode, nowCode] = [lexed[0] ?? [], lexed[1] ?? []];
  const isChecked = lexed[1] !== null && blockProblem(nowCode) === null;
  const tryOne = (
    kind: HunkMutant['kind'],
    hunks: readonly LabelledHunk[],
    text: string | null,
  ): 'made' | 'known' | 'unfit' => {
    if (isChecked && text !== null && !fits(text)) return 'unfit';
    const tree = withTexts(code.after, new Map([[path, text]]));
    if (code.isKnown(tree, path)) return 'known';
    if (!found.has(String(text))) {
      const stretches = hunks.map(takenHunk);
      found.set(String(text), { name: nameOf(path, stretches), kind, hunks: stretches, tree });
    }
    return 'made';
  };
  const isImport = groups.map((group) => changesImportsAlone(group, oldCode, nowCode));
  const keepsImports = withoutImports(oldCode, nowCode);
  const taken: LabelledHunk[] = [];
  const takeBack = (index: number): void => {
    for (const set of setsWith(index, groups.length)) {
      const hunks = set.flatMap((at) => groups[at] ?? []);
      const withImports = (text: string | null): string | null =>
        text === null ? null : withOldImports(text, hunks, oldCode, nowCode);
      const first = tryOne('code', hunks, withImports(takenBack(file, hunks, keepsImports)));
      const made = first === 'made' ? first : tryOne('code', hunks, takenBack(file, hunks, oldLines));
      if (made === 'made') taken.push(...hunks);
      if (made !== 'unfit' || first !== 'unfit') return;
    }
  };
  groups.forEach((_, index) => {
    if (isImport[index] === false) takeBack(index);
  });
  const imports = groups.filter((_, index) => isImport[index]).flat();
  const goneImports = importsTakenAway(imports, oldCode, nowCode);
  if (goneImports.length === 0) return [...found.values()];
  const plain = takenBack(file, imports, oldLines);
  const uses = usesOf(goneImports, imports, nowCode);
  const isCounted = (line: LogicalLine): boolean =>
    taken.some((hunk) => overlaps(line, hunk.bFrom, hunk.bTo));
  if (uses.length === 0 ? found.size === 0 : !uses.every(isCounted)) {
    const late = uses.length === 0 || plain === null ? null : lateImports(imports, plain);
    if (late === null || tryOne('import', imports, late) === 'unfit') tryOne('import', imports, plain);
  }
  return [...found.values()];
}

const lexedLines = (source: SourceText | null): readonly LogicalLine[] | null =>
  source === null ? [] : source.lexed.ok ? source.lexed.lines : null;

function fits(text: string): boolean {
  const { lexed } = new SourceText(text, new Map());
  return lexed.ok && blockProblem(lexed.lines) === null;
}

const oldLines = ({ file, aFrom, aTo }: LabelledHunk): readonly string[] => file.old.slice(aFrom, aTo);

/** G's file with other lines in the place of some hunks; null where it is a file of G's own of which nothing is left. */
function takenBack(
  file: FilePair,
  hunks: readonly LabelledHunk[],
  instead: (hunk: LabelledHunk) => readonly string[],
): string | null {
  const lines: string[] = [];
  let at = 0;
  for (const hunk of [...hunks].sort((a, b) => a.bFrom - b.bFrom || a.aFrom - b.aFrom)) {
    lines.push(...file.now.slice(at, hunk.bFrom), ...instead(hunk));
    at = hunk.bTo;
  }
  lines.push(...file.now.slice(at));
  return file.beforePath === null && lines.every((line) => line === '') ? null : lines.join('\n');
}

/** How many sets of groups of one size are tried at most, adjacent ones first. */
const MOST_SETS = 200;

/** Sets of groups with this one, the smallest first, of one size those without gaps first. */
function* setsWith(index: number, groups: number): Generator<readonly number[]> {
  for (let size = 1; size <= groups; size++) {
    for (let from = Math.max(0, index - size + 1); from <= index && from + size <= groups; from++)
      yield Array.from({ length: size }, (_, at) => from + at);
    let tried = 0;
    for (const others of choices(
      Array.from({ length: groups }, (_, at) => at).filter((at) => at !== index),
      size - 1,
    )) {
      if (++tried > MOST_SETS) break;
      yield [...others, index].sort((a, b) => a - b);
    }
  }
}

function* choices(from: readonly number[], size: number): Generator<readonly number[]> {
  if (size === 0) yield [];
  else
    for (let at = 0; at + size <= from.length; at++)
      for (const rest of choices(from.slice(at + 1), size - 1)) yield [from[at] ?? 0, ...rest];
}

function nameOf(path: string, hunks: readonly TakenHunk[]): string {
  const side = (lines: TakenHunk['before']): string =>
    lines === null ? '' : lines[0] === lines[1] ? `${lines[0]}` : `${lines[0]}-${lines[1]}`;
  return `${path}:${hunks.map(({ before, after }) => `${side(before)}:${side(after)}`).join('+')}`;
}

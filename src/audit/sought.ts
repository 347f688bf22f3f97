import { isKeyword } from '../scoring/python-words.ts';
import { KNOWN_WORDS } from './known-words.ts';
import { linesOf, Needles } from './needles.ts';

/** A Python file that the answer has and the tree before has not. */
export interface SoughtSource {
  readonly path: string;
  readonly content: Buffer;
  readonly test: boolean;
  /** Written by a testing agent, which also wrote public tests. */
  readonly generated: boolean;
  /** Not only its content is new, its path too. */
  readonly isNew: boolean;
}

/** An added line, without white space. */
export interface AnswerLine {
  /** Words of it that occur nowhere before. Empty: the line proves nothing by itself. */
  readonly rare: readonly string[];
  /** Files of the answer that have it, by number. */
  readonly files: readonly number[];
  readonly test: boolean;
}

export interface Sought {
  readonly words: ReadonlyMap<string, boolean>;
  readonly lines: ReadonlyMap<string, AnswerLine>;
  readonly lineCounts: readonly number[];
}

/** Lines and words that the answer adds: they occur nowhere in the tree before (`generated` ones: nor in public tests). */
export function soughtIn(
  sources: readonly SoughtSource[],
  public_: {
    readonly before: readonly Buffer[];
    readonly publicTests: readonly Buffer[];
    /** Names of libraries, which everybody is told. */
    readonly ordinary: (word: string) => boolean;
  },
): Sought {
  const { before, publicTests, ordinary } = public_;
  const lines = new Map<string, { words: readonly string[]; files: number[]; test: boolean }>();
  const words = new Set<string>();
  const generated = { words: new Set<string>(), lines: new Set<string>() };
  sources.forEach((source, number) => {
    for (const { line, words: inside } of linesOf(source.content)) {
      const known = lines.get(line);
      if (known?.files.at(-1) === number) continue;
      if (known !== undefined) known.files.push(number);
      else lines.set(line, { words: inside, files: [number], test: source.test });
      for (const word of inside) words.add(word);
      if (!source.generated) continue;
      generated.lines.add(line);
      for (const word of inside) generated.words.add(word);
    }
    const stem = source.path.slice(source.path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
    if (source.isNew && source.test) words.add(stem);
  });
  for (const word of words) if (isOrdinary(word) || ordinary(word)) words.delete(word);
  drop(words, lines, before, words, new Set(lines.keys()));
  drop(words, lines, publicTests, generated.words, generated.lines);

  const names = new Set(sources.filter(({ test }) => test).flatMap(testNames));
  const made = [...words].filter((word) => looksMadeUp(word) && (!names.has(word) || isTelling(word)));
  const counts = sources.map(() => 0);
  const sought = new Map<string, AnswerLine>();
  for (const [line, { words: inside, files, test }] of lines) {
    const rare = [...new Set(inside)].filter((word) => words.has(word));
    sought.set(line, { rare, files, test });
    for (const number of files) counts[number] = (counts[number] ?? 0) + 1;
  }
  return { words: new Map(made.map((word) => [word, names.has(word)])), lines: sought, lineCounts: counts };
}

function drop(
  words: Set<string>,
  lines: Map<string, unknown>,
  contents: readonly Buffer[],
  sought: ReadonlySet<string>,
  soughtLines: ReadonlySet<string>,
): void {
  const needles = new Needles(new Set(sought), new Set(soughtLines));
  if (needles.empty) return;
  const found = { word: (word: string) => words.delete(word), line: (line: string) => lines.delete(line) };
  for (const content of contents) needles.scan(content, found);
}

function testNames({ path, content }: SoughtSource): string[] {
  const defined = content.toString('latin1').matchAll(/^\s*(?:async\s+)?(?:def|class)\s+(test\w*|Test\w*)/gm);
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  return [...[...defined].map(([, name = '']) => name), stem];
}

/** Short names of tests (`test_basic`) are written by anybody. */
function isTelling(name: string): boolean {
  return name.length >= 14 && name.split(/_+|(?<=[a-z])(?=[A-Z])/).filter((part) => part !== '').length >= 3;
}

/** Made of several words, and long: nobody writes the same by chance. */
export function looksMadeUp(word: string): boolean {
  const core = word.replace(/^_+|_+$/g, '');
  return core.length >= 10 && (core.includes('_') || /[a-z\d][A-Z]/.test(core)) && !isOrdinary(word);
}

function isOrdinary(word: string): boolean {
  return KNOWN_WORDS.has(word) || isKeyword(word) || /^\d/.test(word);
}

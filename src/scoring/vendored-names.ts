import { depthsOf, freeWords, importsOf } from './bindings.ts';
import type { LogicalLine } from './logical-line.ts';
import { modulePaths } from './module-paths.ts';
import type { SourceReader } from './source-reader.ts';
import { isRegular, type TreeView } from './tree-view.ts';
import type { VendoredFile } from './vendored.ts';

/** Longest chain of the repository's own modules through which a name is followed. */
const MAX_ROUNDS = 4;

/** Finds uses of what the candidate's own files define in the source library's place. */
export class VendoredNames {
  private readonly reader: SourceReader;
  private readonly tree: TreeView;
  private readonly files: ReadonlyMap<string, VendoredFile>;
  private readonly offers = new Map<string, ReadonlySet<string>>();

  constructor(reader: SourceReader, tree: TreeView, files: readonly VendoredFile[]) {
    this.reader = reader;
    this.tree = tree;
    this.files = new Map(files.map((file) => [file.path, file]));
  }

  /** The lines of a file that import or use such a name; none inside of a file that is a copy as a whole. */
  hits(path: string, lines: readonly LogicalLine[]): LogicalLine[] {
    const own = this.files.get(path);
    if (own?.whole === true) return [];
    const names = new Set(own?.names);
    const modules = new Map<string, ReadonlySet<string>>();
    const imports = new Set<LogicalLine>();
    for (const line of lines) {
      if (!line.key.includes('import')) continue;
      for (const binding of importsOf(line.tokens)) {
        const before = names.size + modules.size;
        this.bind(path, binding, names, modules);
        if (names.size + modules.size > before) imports.add(line);
      }
    }
    if (names.size + modules.size === 0) return [];
    return lines.filter((line) => {
      if (imports.has(line)) return true;
      if (own?.inside.has(line) === true) return false;
      const { tokens } = line;
      return freeWords(tokens, depthsOf(tokens)).some(
        (at) => names.has(tokens[at] ?? '') || usesModule(tokens, at, modules),
      );
    });
  }

  private bind(
    path: string,
    { module, name, binds, renamed }: ReturnType<typeof importsOf>[number],
    names: Set<string>,
    modules: Map<string, ReadonlySet<string>>,
  ): void {
    const offered = (of: string): Set<string> =>
      new Set(this.paths(path, of).flatMap((file) => [...this.offeredBy(file, MAX_ROUNDS)]));
    if (name === null) {
      const found = offered(module);
      if (found.size > 0) modules.set(renamed ? binds : module, found);
      return;
    }
    const from = offered(module);
    if (name === '*') for (const one of from) names.add(one);
    else if (from.has(name)) names.add(binds);
    else {
      const found = offered(module.endsWith('.') ? module + name : `${module}.${name}`);
      if (found.size > 0) modules.set(binds, found);
    }
  }

  /** What a module lets others import of it: its own copies, and those it imports by name. */
  private offeredBy(path: string, rounds: number): ReadonlySet<string> {
    const known = this.offers.get(path);
    if (known !== undefined || rounds === 0) return known ?? new Set();
    const names = new Set(this.files.get(path)?.names);
    const source = this.reader.read(this.tree, path);
    const lines = source?.lexed.ok === true ? source.lexed.lines : (source?.fallBack ?? []);
    for (const { tokens, indent } of lines) {
      if (indent > 0) continue;
      for (const { module, name, binds } of importsOf(tokens)) {
        if (name === null) continue;
        for (const file of this.paths(path, module))
          for (const one of this.offeredBy(file, rounds - 1))
            if (name === '*' || name === one) names.add(name === '*' ? one : binds);
      }
    }
    if (rounds === MAX_ROUNDS) this.offers.set(path, names);
    return names;
  }

  private paths(importer: string, module: string): string[] {
    return modulePaths(importer, module, (file) => {
      const entry = this.tree.entries.get(file);
      return entry !== undefined && isRegular(entry);
    });
  }
}

/** `module.name`, the module's name being dotted where it was imported so. */
function usesModule(
  tokens: readonly string[],
  at: number,
  modules: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  let path = tokens[at] ?? '';
  for (let dot = at + 1; tokens[dot] === '.'; dot += 2) {
    const next = tokens[dot + 1] ?? '';
    if (modules.get(path)?.has(next) === true) return true;
    path += `.${next}`;
  }
  return false;
}

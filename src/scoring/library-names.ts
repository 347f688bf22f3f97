import { assignmentsOf, depthsOf, freeWords, importsOf, type ImportBinding } from './bindings.ts';
import { dynamicImports } from './dynamic-imports.ts';
import type { LogicalLine } from './logical-line.ts';
import { modulePaths } from './module-paths.ts';
import type { SourceReader } from './source-reader.ts';
import { isRegular, type TreeView } from './tree-view.ts';

/** Longest chain of the repository's own modules through which a name is followed. */
const MAX_ROUNDS = 4;

/** So many names are looked for in a line's text; more are looked up token by token. */
const FEW_NAMES = 4;

interface OwnImport {
  readonly line: LogicalLine;
  readonly scope: number;
  readonly binding: ImportBinding;
  readonly modules: readonly string[];
}

interface FileFacts {
  /** Scope of each line: 0 is the file, others are functions. */
  readonly scopes: readonly number[];
  readonly parents: readonly number[];
  /** Names that an import of the library binds, by scope. */
  readonly direct: readonly ReadonlySet<string>[];
  /** Lines that use the library whatever names they hold. */
  readonly stars: ReadonlySet<LogicalLine>;
  readonly own: readonly OwnImport[];
}

/**
 * Finds the lines of a tree that use a library: names that its imports bind, also by way of the repository's own
 * modules (depth 0), and names assigned from an expression with one of those (depth 1). Shadowing and order are
 * not looked at.
 */
export class LibraryNames {
  private readonly reader: SourceReader;
  private readonly tree: TreeView;
  private readonly importNames: readonly string[];
  private readonly excluded: readonly string[];
  private readonly byText: boolean;
  /** By path and lines: a file may be asked for by its logical and by its physical lines. */
  private readonly facts = new Map<string, Map<readonly LogicalLine[], FileFacts>>();

  /**
   * @param more.excluded import names below the library's that are not its own (a target library inside the source's
   *   package)
   * @param more.byText also what imports by a text (`import_module('A')`); D2 knows import statements alone
   */
  constructor(
    reader: SourceReader,
    tree: TreeView,
    importNames: readonly string[],
    more: { readonly excluded?: readonly string[]; readonly byText?: boolean } = {},
  ) {
    this.reader = reader;
    this.tree = tree;
    this.importNames = importNames;
    this.excluded = more.excluded ?? [];
    this.byText = more.byText ?? false;
  }

  /**
   * The logical lines of a file that hold a name of the library; `lines` are all lines of that file. `depth` 0
   * leaves out the names that were assigned from it.
   */
  hits(path: string, lines: readonly LogicalLine[], depth: 0 | 1 = 1): LogicalLine[] {
    const facts = this.factsOf(path, lines);
    const { names, stars } = this.depth0(facts);
    const depth0 = names.map((set) => new Set(set));
    const self = new Set<string>();
    if (depth === 1 && depth0.some((set) => set.size > 0)) {
      const mayUse = holderOf(depth0);
      lines.forEach((line, index) => {
        if (!mayUse(line)) return;
        const scope = facts.scopes[index] ?? 0;
        const { tokens } = line;
        const depths = depthsOf(tokens);
        for (const { targets, from, to } of assignmentsOf(tokens, depths)) {
          const uses = freeWords(tokens, depths).some(
            (at) => at >= from && at < to && holds(depth0, facts.parents, scope, tokens[at] ?? ''),
          );
          if (!uses) continue;
          for (const target of targets) {
            if (target.startsWith('self.')) self.add(target.slice('self.'.length));
            else names[scope]?.add(target);
          }
        }
      });
    }
    if (names.every((set) => set.size === 0) && stars.size === 0) return [];
    const mayHold = holderOf(self.size === 0 ? names : [...names, new Set(['self'])]);
    return lines.filter((line, index) => {
      if (stars.has(line)) return true;
      if (!mayHold(line)) return false;
      const { tokens } = line;
      const words = freeWords(tokens, depthsOf(tokens));
      return words.some(
        (at) =>
          holds(names, facts.parents, facts.scopes[index] ?? 0, tokens[at] ?? '') ||
          (tokens[at] === 'self' && tokens[at + 1] === '.' && self.has(tokens[at + 2] ?? '')),
      );
    });
  }

  /** Whether a binding names the library itself (not by way of a module of the repository). */
  isOfLibrary({ module, name }: ImportBinding): boolean {
    const below = (libraries: readonly string[], path: string): boolean =>
      libraries.some((library) => path === library || path.startsWith(`${library}.`));
    const full = name === null || name === '*' ? module : `${module}.${name}`;
    if (below(this.excluded, module) || below(this.excluded, full)) return false;
    return below(this.importNames, module) || below(this.importNames, full);
  }

  /** Depth 0 names by scope, and the star imports that bind some of them. */
  private depth0(facts: FileFacts): { names: Set<string>[]; stars: Set<LogicalLine> } {
    const names = facts.direct.map((set) => new Set(set));
    const stars = new Set(facts.stars);
    for (const { line, scope, binding, modules } of facts.own) {
      const offered = new Set<string>();
      for (const module of modules)
        for (const name of this.topLevel(module, MAX_ROUNDS, new Set())) offered.add(name);
      if (binding.name === '*') {
        if (offered.size > 0) stars.add(line);
        for (const name of offered) names[scope]?.add(name);
      } else if (offered.has(binding.name ?? '')) names[scope]?.add(binding.binds);
    }
    return { names, stars };
  }

  /** Depth 0 names at the top level of a module of the repository. */
  private topLevel(path: string, rounds: number, seen: ReadonlySet<string>): Set<string> {
    const names = new Set<string>();
    if (rounds === 0 || seen.has(path)) return names;
    const source = this.reader.read(this.tree, path);
    if (source === null) return names;
    const facts = this.factsOf(path, source.lexed.ok ? source.lexed.lines : source.fallBack);
    for (const name of facts.direct[0] ?? []) names.add(name);
    const deeper = new Set([...seen, path]);
    for (const { scope, binding, modules } of facts.own) {
      if (scope !== 0) continue;
      for (const module of modules) {
        const offered = this.topLevel(module, rounds - 1, deeper);
        if (binding.name === '*') for (const name of offered) names.add(name);
        else if (offered.has(binding.name ?? '')) names.add(binding.binds);
      }
    }
    return names;
  }

  private factsOf(path: string, lines: readonly LogicalLine[]): FileFacts {
    const ofPath = this.facts.get(path) ?? new Map<readonly LogicalLine[], FileFacts>();
    this.facts.set(path, ofPath);
    let facts = ofPath.get(lines);
    if (facts === undefined) ofPath.set(lines, (facts = this.readFacts(path, lines)));
    return facts;
  }

  private readFacts(path: string, lines: readonly LogicalLine[]): FileFacts {
    const { scopes, parents } = scopesOf(lines);
    const direct = parents.map(() => new Set<string>());
    const stars = new Set<LogicalLine>();
    const own: OwnImport[] = [];
    lines.forEach((line, index) => {
      if (!line.key.includes('import')) return;
      const scope = scopes[index] ?? 0;
      for (const binding of importsOf(line.tokens)) {
        if (!binding.module.startsWith('.') && this.isOfLibrary(binding)) {
          if (binding.binds === '*') stars.add(line);
          else direct[scope]?.add(binding.binds);
        } else if (binding.name !== null) {
          const modules = modulePaths(path, binding.module, (file) => this.exists(file));
          if (modules.length > 0) own.push({ line, scope, binding, modules });
        }
      }
    });
    if (this.byText) {
      const isOwn = (module: string): boolean =>
        this.isOfLibrary({ module, name: null, binds: '', renamed: false });
      for (const { line, index, targets } of dynamicImports(lines, isOwn)) {
        stars.add(line);
        for (const target of targets) direct[scopes[index] ?? 0]?.add(target);
      }
    }
    return { scopes, parents, direct, stars, own };
  }

  private exists(path: string): boolean {
    const file = this.tree.entries.get(path);
    return file !== undefined && isRegular(file);
  }
}

/** Tells lines that hold none of the names in any scope, far quicker than their words and scopes are found. */
function holderOf(names: readonly ReadonlySet<string>[]): (line: LogicalLine) => boolean {
  const all = new Set(names.flatMap((set) => [...set]));
  if (all.size > FEW_NAMES) return ({ tokens }) => tokens.some((token) => all.has(token));
  const few = [...all];
  return ({ key }) => few.some((name) => key.includes(name));
}

function holds(
  names: readonly ReadonlySet<string>[],
  parents: readonly number[],
  scope: number,
  name: string,
): boolean {
  for (let at: number | undefined = scope; at !== undefined && at >= 0; at = parents[at]) {
    if (names[at]?.has(name) === true) return true;
  }
  return false;
}

/** Functions by indentation: a line belongs to the innermost `def` that it is indented below. The file's parent is -1. */
function scopesOf(lines: readonly LogicalLine[]): { scopes: number[]; parents: number[] } {
  const parents = [-1];
  const open: { scope: number; indent: number }[] = [];
  let [scope, indent] = [0, -1];
  const scopes = lines.map((line) => {
    while (indent >= line.indent) {
      open.pop();
      ({ scope, indent } = open.at(-1) ?? { scope: 0, indent: -1 });
    }
    const own = scope;
    const [first, second] = [line.tokens[0], line.tokens[1]];
    if (first === 'def' || (first === 'async' && second === 'def')) {
      [scope, indent] = [parents.length, line.indent];
      open.push({ scope, indent });
      parents.push(own);
    }
    return own;
  });
  return { scopes, parents };
}

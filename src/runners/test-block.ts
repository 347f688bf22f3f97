import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../model/json.ts';
import { sha256File } from '../workspace/disk.ts';

/** What `import A` is refused to: every file below the tree that is not exempt, in all child processes too. */
export interface BlockRules {
  /** Import names of A, dotted ones allowed (`importlib.metadata`). */
  readonly names: readonly string[];
  /** Paths relative to the tree that may import A: its tests, and files that still import A in the ground truth. */
  readonly exempt: readonly string[];
  /** Those of `exempt` that are no tests: what they hand on of A, other files may use. None unless given. */
  readonly kept?: readonly string[];
  /** Top-level modules of the repository that bear A's name and are not the library. None unless given. */
  readonly local?: readonly string[];
  /** Import names of B: where B is made of A (`secrets` of `random`), what B gives is B's. None unless given. */
  readonly target?: readonly string[];
  /** Digests of exempt files: one that the code under test has changed is exempt no more. Made by `sealBlock`. */
  readonly digests?: Readonly<Record<string, string>>;
  /** Files and folders of A's guarded copies, and where the environment lies, as the sandbox sees them. */
  readonly own?: readonly string[];
  readonly places?: readonly string[];
}

const escaped = (value: string): string =>
  value.replace(
    /[%\t\n\r]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** The rules as the import hook reads them: a kind and its values a line. */
export function blockRulesText(rules: BlockRules, root: string): string {
  const lines = (kind: string, values: readonly string[] = []): string[] =>
    values.map((value) => `${kind}\t${escaped(value)}`);
  const exempt = rules.exempt.map((file) => {
    const digest = rules.digests?.[file];
    return `exempt\t${escaped(file)}${digest === undefined ? '' : `\t${digest}`}`;
  });
  return [
    ...lines('root', [root]),
    ...lines('name', rules.names),
    ...exempt,
    ...lines('kept', rules.kept),
    ...lines('local', rules.local),
    ...lines('target', rules.target),
    ...lines('own', rules.own),
    ...lines('place', rules.places),
    '',
  ].join('\n');
}

/** Digests of the exempt Python files of a tree, before any code of it runs. */
export function exemptDigests(rules: Pick<BlockRules, 'exempt'>, tree: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const file of rules.exempt) {
    const at = path.join(tree, file);
    if (file.endsWith('.py') && existsSync(at) && lstatSync(at).isFile()) found[file] = sha256File(at);
  }
  return found;
}

/** Top-level names of A by which these paths have a module of their own in a folder of the import path. */
export function localModules(
  paths: Iterable<string>,
  pythonpath: readonly string[],
  names: readonly string[],
): string[] {
  const known = new Set(paths);
  const tops = [...new Set(names.map((name) => name.split('.', 1)[0] ?? name))];
  const folders = [...new Set(['.', ...pythonpath])];
  return tops.filter((top) =>
    folders.some((folder) =>
      [`${top}.py`, `${top}/__init__.py`].some((file) => known.has(path.posix.join(folder, file))),
    ),
  );
}

/** As a parameter or fact of a task. */
export function blockRulesJson(rules: BlockRules | null): Json {
  return rules === null ? null : { names: [...rules.names], exempt: [...rules.exempt] };
}

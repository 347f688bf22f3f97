/** Where modules of the top level are looked for, relative to the tree; the empty text is the tree itself. */
export type ImportRoots = readonly string[];

/** A place of the import path as the tree knows it (`./src/` -> `src`, `.` -> the tree itself). */
export function importRoot(folder: string): string {
  return folder
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/**
 * The folders that pytest puts on the import path for these test files: of each the nearest above it that is no package.
 */
export function rootsOfTests(tests: Iterable<string>, paths: ReadonlySet<string>): Set<string> {
  const roots = new Set<string>();
  for (const test of tests) {
    if (!test.endsWith('.py')) continue;
    let folder = test.includes('/') ? test.slice(0, test.lastIndexOf('/')) : '';
    while (folder !== '' && paths.has(`${folder}/__init__.py`))
      folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
    roots.add(folder);
  }
  return roots;
}

/** The module of the top level that a file belongs to, for each root that it lies below. */
export function topLevelsOf(path: string, roots: ImportRoots): { root: string; name: string }[] {
  return roots.flatMap((root) => {
    if (root !== '' && !path.startsWith(`${root}/`)) return [];
    const rest = root === '' ? path : path.slice(root.length + 1);
    const cut = rest.indexOf('/');
    if (cut !== -1) return [{ root, name: rest.slice(0, cut) }];
    // a link may stand for a package
    const name = /^([^.]+)(?:\.py)?$/.exec(rest)?.[1];
    return name === undefined ? [] : [{ root, name }];
  });
}

/**
 * Whether `import name` from this root finds something of the tree; `paths` holds its code and its links, no scripts
 * without an ending.
 */
function isModuleOf(paths: ReadonlySet<string>, root: string, name: string): boolean {
  const at = root === '' ? name : `${root}/${name}`;
  return paths.has(`${at}.py`) || paths.has(`${at}/__init__.py`) || paths.has(at);
}

/**
 * The name that a new file takes away from somebody else: it makes a module of the top level that neither of the
 * reference trees has there, and that others (the standard library, installed packages, the runner) are known by.
 */
export function shadowedName(
  path: string,
  given: {
    readonly roots: ImportRoots;
    readonly isOthers: (name: string) => boolean;
    readonly candidate: ReadonlySet<string>;
    readonly references: readonly ReadonlySet<string>[];
  },
): string | null {
  for (const { root, name } of topLevelsOf(path, given.roots)) {
    if (!given.isOthers(name) || !isModuleOf(given.candidate, root, name)) continue;
    if (!given.references.some((paths) => isModuleOf(paths, root, name))) return name;
  }
  return null;
}

const ROOTS = ['', 'src/', 'lib/'];

/**
 * The repository's files that an import's module may be: relative to the importing file, from the root, `src/` or
 * `lib/`, or beside the importing file (Python 2's implicit relative import).
 */
export function modulePaths(importer: string, module: string, exists: (path: string) => boolean): string[] {
  const dots = /^\.*/.exec(module)?.[0].length ?? 0;
  const parts = module
    .slice(dots)
    .split('.')
    .filter((part) => part !== '');
  const folders = importer.split('/').slice(0, -1);
  const bases: string[] = [];
  if (dots > 0) {
    if (dots - 1 > folders.length) return [];
    bases.push(
      folders
        .slice(0, folders.length - (dots - 1))
        .map((folder) => `${folder}/`)
        .join(''),
    );
  } else {
    bases.push(...ROOTS, folders.map((folder) => `${folder}/`).join(''));
  }
  const found = new Set<string>();
  for (const base of bases) {
    const stem = base + parts.join('/');
    const files = [parts.length === 0 ? `${base}__init__.py` : `${stem}.py`];
    if (parts.length > 0) files.push(`${stem}/__init__.py`);
    for (const file of files) if (file !== importer && exists(file)) found.add(file);
  }
  return [...found];
}

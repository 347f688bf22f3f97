import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Django's settings as a tree states them: those of its tests (`DJANGO_SETTINGS_MODULE` in tox.ini), else those
 * of its shortest `manage.py`, with the folder of that file. Null where there is no `manage.py` or it states none.
 */
export function djangoSettings(
  files: readonly string[],
  dir: string,
): { readonly settings: string; readonly folder: string } | null {
  const [manage] = files
    .filter((file) => path.posix.basename(file) === 'manage.py')
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  if (manage === undefined) return null;
  const tox = files.includes('tox.ini') ? textOf(path.join(dir, 'tox.ini')) : '';
  const settings =
    /^\s*DJANGO_SETTINGS_MODULE\s*=\s*([A-Za-z_][\w.]*)\s*$/m.exec(tox)?.[1] ??
    /DJANGO_SETTINGS_MODULE['"]\s*[,\]]\s*=?\s*['"]([A-Za-z_][\w.]*)['"]/.exec(
      textOf(path.join(dir, manage)),
    )?.[1];
  return settings === undefined ? null : { settings, folder: path.posix.dirname(manage) };
}

/** A link may lead out of the tree: it is not followed. */
function textOf(file: string): string {
  return lstatSync(file).isFile() ? readFileSync(file, 'utf8') : '';
}

// Modules of the sources in one file that this program can import.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { scratchFolder } from './scratch.mjs';

export const root = path.dirname(path.dirname(import.meta.dirname));

/** Imports modules of `src/`, named without their ending. */
export async function importSources(...names) {
  // Below node_modules, from where the outside libraries and our own package are found.
  const dir = scratchFolder(path.join(root, 'node_modules'), '.bench-');
  const outfile = path.join(dir, 'bundle.mjs');
  const contents = names.map((name) => `export * from './src/${name}.ts';`).join('\n');
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    outfile,
  });
  return import(pathToFileURL(outfile).href);
}

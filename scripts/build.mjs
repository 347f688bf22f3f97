// Bundles the command line (lazy, split) and the library entry with esbuild, then writes the types.
import { build } from 'esbuild';
import { rmSync, chmodSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const typesToo = !process.argv.includes('--no-types');
rmSync(path.join(root, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/cli.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Bundled packages start faster than resolved ones; the first two load native or worker files of their own, late.
  // The other two are CommonJS and imported late by name: a split bundle would give them a default export alone.
  external: ['dockerode', 'pino', 'undici', 'yauzl'],
  minify: true,
  banner: {
    js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
  },
  sourcemap: 'linked',
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
chmodSync(path.join(root, 'dist/cli.js'), 0o755);
if (typesToo) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', path.join(root, 'scripts/tsconfig.types.json')], {
    stdio: 'inherit',
    cwd: root,
  });
}

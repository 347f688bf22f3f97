// Bundles the command line and the library with esbuild, then writes the types.
//
// Starting fast decides the form: CommonJS, as Node reads it without its loader of modules; one file of verbs, as
// each further file costs; in it every module that is imported late is evaluated late.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { lazyPackages } from './lazy-packages.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const typesToo = !process.argv.includes('--no-types');
const named = process.argv.find((word) => word.startsWith('--outdir='))?.slice('--outdir='.length);
const dist = path.resolve(root, named ?? 'dist');

/** Digest of what the bundle is made from. */
function buildName() {
  const hash = createHash('sha256').update(readFileSync(path.join(root, 'package-lock.json')));
  const sources = path.join(root, 'src');
  for (const name of readdirSync(sources, { recursive: true }).sort()) {
    if (name.endsWith('.ts')) hash.update(`${name}\0`).update(readFileSync(path.join(sources, name)));
  }
  return hash.digest('hex');
}

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minify: true,
  sourcemap: 'linked',
  logLevel: 'warning',
  // A name that a package or a stand-in does not export is a fault of the build.
  logOverride: { 'import-is-undefined': 'error' },
  define: { 'import.meta.dirname': '__dirname', MIG_BUILD: JSON.stringify(buildName()) },
};
const commands = path.join(root, 'src', 'commands');
/** What the command line's frame loads when a verb is called. */
const late = ['program.ts', 'more-verbs.ts']
  .flatMap((name) => [...readFileSync(path.join(commands, name), 'utf8').matchAll(/import\('\.\/(.+?)'\)/g)])
  .map(([, name]) => name);
const verbs = [...new Set(late)].map((name) => `export * from './src/commands/${name}';`);
const verbsAreOneFile = {
  name: 'verbs-are-one-file',
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\// }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './verbs.cjs', external: true } : undefined,
    );
  },
};
const { plugin, write } = lazyPackages(root);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
// `node dist/cli.js` is CommonJS in a package of modules.
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n');
const program = await build({
  ...common,
  stdin: { contents: ["export * from './src/index.ts';", ...verbs].join('\n'), resolveDir: root, loader: 'ts' },
  outfile: path.join(dist, 'verbs.cjs'),
  plugins: [plugin],
  external: ['dockerode', 'pino', 'simple-git', 'tar', 'unbzip2-stream', 'undici', 'yauzl'],
});
await build({
  ...common,
  entryPoints: { cli: 'src/cli.ts' },
  outdir: dist,
  plugins: [verbsAreOneFile],
  supported: { 'dynamic-import': false },
});
await write(dist, { ...common, sourcemap: false });
if (program.errors.length > 0) throw new Error('not built');

// The library for importers. Asked for by name, as Node would search the whole file for its exports.
const library = await build({
  ...common,
  format: 'esm',
  entryPoints: ['src/index.ts'],
  packages: 'external',
  outdir: dist,
  write: false,
  metafile: true,
});
const names = Object.values(library.metafile.outputs).flatMap((output) => (output.entryPoint ? output.exports : []));
writeFileSync(
  path.join(dist, 'index.mjs'),
  `import { createRequire } from 'node:module';\n` +
    `export const { ${names.sort().join(', ')} } = createRequire(import.meta.url)('./verbs.cjs');\n`,
);
chmodSync(path.join(dist, 'cli.js'), 0o755);
if (typesToo) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', path.join(root, 'scripts/tsconfig.types.json')], {
    stdio: 'inherit',
    cwd: root,
  });
}

// Bundles the command line and the library with esbuild, then writes the types.
//
// Starting fast decides the form: CommonJS, as Node reads it without its loader of modules; one file of verbs, as
// each further file costs; in it every module that is imported late is evaluated late. What V8 compiles of them lies
// beside them (scripts/load-compiled.cjs).
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { engineClient, writeEngineClient } from './engine-client.mjs';
import { httpClient, writeHttpClient } from './http-client.mjs';
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
  // What V8 keeps of a compiled script does not know how to import: packages are required, late as before.
  supported: { 'dynamic-import': false },
  minify: true,
  sourcemap: 'linked',
  logLevel: 'warning',
  // A name that a package or a stand-in does not export is a fault of the build.
  logOverride: { 'import-is-undefined': 'error' },
  define: { 'import.meta.dirname': '__dirname', MIG_BUILD: JSON.stringify(buildName()) },
};
const commands = path.join(root, 'src', 'commands');
/** What the command line's frame loads when a verb is called. */
const late = ['program.ts', 'more-verbs.ts', 'agent-verbs.ts']
  .flatMap((name) => [...readFileSync(path.join(commands, name), 'utf8').matchAll(/import\('\.\/(.+?)'\)/g)])
  .map(([, name]) => name);
const verbs = [...new Set(late)].map((name) => `export * from './src/commands/${name}';`);
const verbsAreOneFile = {
  name: 'verbs-are-one-file',
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\// }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: 'verbs', namespace: 'verbs' } : undefined,
    );
    bundle.onResolve({ filter: /^\.\/load\.cjs$/ }, ({ path: file }) => ({ path: file, external: true }));
    bundle.onLoad({ filter: /./, namespace: 'verbs' }, () => ({
      contents: "module.exports = require('./load.cjs').load('verbs');",
    }));
  },
};
const { plugin, write } = lazyPackages(root);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
// `node dist/cli.js` is CommonJS in a package of modules.
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n');
const program = await build({
  ...common,
  stdin: {
    contents: ["export * from './src/index.ts';", ...verbs].join('\n'),
    resolveDir: root,
    loader: 'ts',
  },
  outfile: path.join(dist, 'verbs.cjs'),
  plugins: [plugin, engineClient, httpClient],
  external: ['pino', 'simple-git', 'tar', 'unbzip2-stream', 'yauzl'],
});
await build({
  ...common,
  entryPoints: ['src/cli.ts'],
  outfile: path.join(dist, 'main.cjs'),
  plugins: [verbsAreOneFile],
});
await build({
  ...common,
  bundle: false,
  entryPoints: ['scripts/load-compiled.cjs'],
  outfile: path.join(dist, 'load.cjs'),
  sourcemap: false,
});
writeFileSync(path.join(dist, 'cli.js'), "#!/usr/bin/env node\nrequire('./load.cjs').load('main');\n");
await Promise.all([
  write(dist, { ...common, sourcemap: false }),
  writeEngineClient(root, dist, { ...common, sourcemap: false }),
  writeHttpClient(root, dist, { ...common, sourcemap: false }),
]);
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
const names = Object.values(library.metafile.outputs).flatMap((output) =>
  output.entryPoint ? output.exports : [],
);
writeFileSync(
  path.join(dist, 'index.mjs'),
  `import { createRequire } from 'node:module';\n` +
    `export const { ${names.sort().join(', ')} } = createRequire(import.meta.url)('./load.cjs').load('verbs');\n`,
);
chmodSync(path.join(dist, 'cli.js'), 0o755);
execFileSync(process.execPath, [path.join(root, 'scripts', 'compile-ahead.cjs'), dist], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (typesToo) {
  // The types are of modules, for `index.mjs`.
  mkdirSync(path.join(dist, 'types'));
  writeFileSync(path.join(dist, 'types', 'package.json'), '{ "type": "module" }\n');
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', path.join(root, 'scripts/tsconfig.types.json')], {
    stdio: 'inherit',
    cwd: root,
  });
}

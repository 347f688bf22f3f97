// Keeps packages that a run with nothing to do never needs out of its way: they are bundled into files of their own,
// and loaded when something is first asked of them.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** Packages whose functions are called late as they are. */
const CALLED = {
  yaml: ['LineCounter', 'isMap', 'isNode', 'isPair', 'isScalar', 'parseDocument', 'stringify'],
  'smol-toml': ['parse'],
};

/**
 * Schemas are made where modules begin, so zod's stand-in only notes how: a schema is made when it is first used.
 * Methods that make another schema are noted too; any other member is asked of the schema itself.
 */
const SCHEMAS = `
let loaded;
const zod = () => (loaded ??= require('./zod.cjs'));
const CHAINED = new Set(['and', 'array', 'catch', 'check', 'default', 'describe', 'extend', 'int', 'length', 'max',
  'min', 'nonempty', 'nullable', 'nullish', 'optional', 'or', 'partial', 'pipe', 'readonly', 'refine', 'regex',
  'strict', 'superRefine', 'transform']);
const makers = new WeakMap();
function made(value) {
  if (makers.has(value)) return makers.get(value)();
  if (Array.isArray(value)) return value.map(made);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, made(inner)]));
}
function noted(make, shape) {
  let schema;
  const get = () => (schema ??= make());
  const standIn = new Proxy({}, {
    get(_, name) {
      if (CHAINED.has(name)) return (...given) => noted(() => get()[name](...given.map(made)));
      if (name === 'shape' && shape !== undefined) return shape;
      const member = get()[name];
      return typeof member === 'function' ? member.bind(get()) : member;
    },
    has: (_, name) => name in get(),
  });
  makers.set(standIn, get);
  return standIn;
}
const OBJECTS = new Set(['object', 'strictObject', 'looseObject']);
const maker = (name) => (...given) =>
  noted(() => zod()[name](...given.map(made)), OBJECTS.has(name) ? given[0] : undefined);
export const NEVER = Object.freeze({ status: 'aborted' });
`;

/** The makers of schemas that the sources name (\`z.string(\`...). */
function makersUsed(sources) {
  const files = readdirSync(sources, { recursive: true }).filter((name) => name.endsWith('.ts'));
  const texts = files.map((name) => readFileSync(path.join(sources, name), 'utf8'));
  const names = texts.flatMap((text) => [...text.matchAll(/\bz\s*\.([a-z]\w*)\(/g)].map(([, name]) => name));
  return [...new Set(names)].sort();
}

/** The plugin, and the files that its stand-ins load. */
export function lazyPackages(root) {
  const makers = makersUsed(path.join(root, 'src'));
  const contents = {
    zod: SCHEMAS + makers.map((name) => `export const ${name}_ = maker('${name}');`).join('\n'),
  };
  contents.zod += `\nexport { ${makers.map((name) => `${name}_ as ${name}`).join(', ')} };`;
  for (const [name, functions] of Object.entries(CALLED)) {
    const call = (own) =>
      `export function ${own}(...given) { const { ${own}: real } = require('./${name}.cjs'); ` +
      `return new.target ? new real(...given) : real(...given); }`;
    contents[name] = functions.map(call).join('\n');
  }
  const plugin = {
    name: 'lazy-packages',
    setup(bundle) {
      const filter = new RegExp(`^(?:${Object.keys(contents).join('|')})$`);
      bundle.onResolve({ filter }, ({ path: name }) => ({
        path: name,
        namespace: 'lazy',
        sideEffects: false,
      }));
      bundle.onResolve({ filter: /\.cjs$/, namespace: 'lazy' }, ({ path: file }) => ({
        path: file,
        external: true,
      }));
      bundle.onLoad({ filter: /./, namespace: 'lazy' }, ({ path: name }) => ({ contents: contents[name] }));
    },
  };
  const wanted = { zod: makers, ...CALLED };
  const write = (outdir, options) =>
    Promise.all(
      Object.entries(wanted).map(([name, names]) =>
        build({
          ...options,
          stdin: { contents: `export { ${names.join(', ')} } from '${name}';`, resolveDir: root },
          outfile: path.join(outdir, `${name}.cjs`),
        }),
      ),
    );
  return { plugin, write };
}

// Becomes dist/load.cjs: evaluates a bundle beside it with what V8 compiled of it when it was built. Another version
// of Node refuses that, and compiles anew.
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { Script } = require('node:vm');

const compiled = new Map();

/** Where what is compiled of a bundle lies, for this Node on this kind of machine. */
const cacheFile = (name) => {
  const { arch, platform, version } = process;
  return path.join(__dirname, `${name}.${platform}-${arch}-${version}.v8`);
};
exports.cacheFile = cacheFile;

function compile(name) {
  const filename = path.join(__dirname, `${name}.cjs`);
  let cachedData;
  try {
    cachedData = readFileSync(cacheFile(name));
  } catch {
    // built without it
  }
  // Bundles are ASCII.
  const source = readFileSync(filename, 'latin1');
  const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
    filename,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  compiled.set(name, script);
  return script;
}

/** The exports of a bundle, by its name without ending. */
exports.load = (name) => {
  const script = compiled.get(name) ?? compile(name);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, path.join(__dirname, `${name}.cjs`), __dirname);
  return module.exports;
};

/** Bundles that were loaded, for the build. */
exports.compiled = compiled;

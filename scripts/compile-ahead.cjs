// Keeps what V8 has compiled of the bundles in a folder (argument) once they have shown their help and looked at a
// run: what a later start needs most. Run by the build, in a process of its own.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const dist = path.resolve(process.argv[2]);
const { cacheFile, compiled, load } = require(path.join(dist, 'load.cjs'));
const empty = mkdtempSync(path.join(tmpdir(), 'mig-pipeline-build-'));
process.chdir(empty);
for (const name of Object.keys(process.env)) if (name.startsWith('MIG_')) delete process.env[name];
const start = (...words) => {
  process.argv = [process.argv[0], path.join(dist, 'cli.js'), ...words];
  load('main');
};
process.on('exit', () => {
  rmSync(empty, { recursive: true, force: true });
  for (const [name, script] of compiled) writeFileSync(cacheFile(name), script.createCachedData());
});
start('--help');
process.once('beforeExit', () => {
  start(
    'run',
    'wordtally',
    '--dry-run',
    '--agent',
    'noop',
    '--runtime',
    'local',
    '--data-dir',
    path.join(empty, 'data'),
  );
});

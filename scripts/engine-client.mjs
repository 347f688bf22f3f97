// The client of container engines as one file, without what it loads for builds by BuildKit, which are not used, and
// with its ssh loaded only where an engine is reached that way: its 200 files take longer to load than a container to start.
import path from 'node:path';
import { build } from 'esbuild';

const SESSION = `module.exports = () => { throw new Error('images are not built by BuildKit sessions here'); };`;
const PROGRESS = `exports.followProgress = ${SESSION.slice('module.exports = '.length)}`;
const SSH = `module.exports = (...given) => require('docker-modem/lib/ssh.js')(...given);`;
const STAND_INS = { './session': SESSION, './buildkit': PROGRESS, './ssh': SSH };

const standIns = {
  name: 'engine-client-parts',
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/(?:session|buildkit|ssh)$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'part',
    }));
    bundle.onResolve({ filter: /./, namespace: 'part' }, ({ path: name }) => ({
      path: name,
      external: true,
    }));
    bundle.onLoad({ filter: /./, namespace: 'part' }, ({ path: name }) => ({ contents: STAND_INS[name] }));
  },
};

/** Lets a bundle load the client from the file that `writeEngineClient` makes beside it. */
export const engineClient = {
  name: 'engine-client',
  setup(bundle) {
    bundle.onResolve({ filter: /^dockerode$/ }, () => ({ path: './dockerode.cjs', external: true }));
  },
};

export function writeEngineClient(root, outdir, options) {
  return build({
    ...options,
    stdin: { contents: `module.exports = require('dockerode');`, resolveDir: root },
    outfile: path.join(outdir, 'dockerode.cjs'),
    plugins: [standIns],
  });
}

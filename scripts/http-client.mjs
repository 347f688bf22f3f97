// The client of HTTP as one file, without what is not used of it (caches, mocks, sockets of the web), and with its `fetch`
// evaluated when it is first called: as a package it takes longer to load than a sandbox to start.
import path from 'node:path';
import { build } from 'esbuild';

const CLIENT = `
Object.assign(require('undici/lib/dispatcher/dispatcher').prototype, require('undici/lib/api'));
exports.Agent = require('undici/lib/dispatcher/agent');
exports.EnvHttpProxyAgent = require('undici/lib/dispatcher/env-http-proxy-agent');
exports.fetch = (...given) => require('undici/lib/web/fetch').fetch(...given);
`;

/** Lets a bundle load the client from the file that `writeHttpClient` makes beside it. */
export const httpClient = {
  name: 'http-client',
  setup(bundle) {
    bundle.onResolve({ filter: /^undici$/ }, () => ({ path: './undici.cjs', external: true }));
  },
};

export function writeHttpClient(root, outdir, options) {
  return build({
    ...options,
    stdin: { contents: CLIENT, resolveDir: root },
    outfile: path.join(outdir, 'undici.cjs'),
  });
}

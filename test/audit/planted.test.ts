import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AuditRequest, AuditRule } from '../../src/audit/request.ts';
import { makeArchive } from '../rigs/archives.ts';
import {
  ANSWER,
  audited,
  type AuditedStart,
  COMMIT,
  copyOf,
  install,
  readyStart,
} from '../rigs/audited-start.ts';
import { plainGit, plainGitInput, writeFiles } from '../rigs/git-repository.ts';

type Change = Partial<AuditRequest>;
interface Planted {
  readonly leak: string;
  /** Answers what it changes of the request, if anything. */
  readonly plant: (start: AuditedStart, request: AuditRequest) => unknown;
  readonly rule: AuditRule;
  /** `place path`, or the place alone. */
  readonly where: string;
  readonly side?: 'agent';
}

const leak = (name: string, rule: AuditRule, where: string, plant: Planted['plant'], side?: 'agent'): Planted =>
  ({ leak: name, rule, where, plant, ...(side === undefined ? {} : { side }) }); // prettier-ignore
const inAgent = (name: string, rule: AuditRule, file: string, files: Parameters<typeof writeFiles>[1]): Planted =>
  leak(name, rule, `/agent ${file}`, ({ agent }) => writeFiles(agent, files), 'agent'); // prettier-ignore
const inGit = (name: string, rule: AuditRule, where: string, change: (dir: string) => unknown): Planted =>
  leak(name, rule, `/workspace .git${where === '' ? '' : `/${where}`}`, ({ workspace }) => void change(workspace)); // prettier-ignore
const text = (what: string, content: string, side: 'ours' | 'agent' = 'ours') =>
  (_: AuditedStart, { texts }: AuditRequest): Change => ({ texts: [...texts, { what, text: content, side }] }); // prettier-ignore
const mount = (at: string, host: (start: AuditedStart) => string, kind: 'other' | 'tool' = 'tool') =>
  (start: AuditedStart, { places }: AuditRequest): Change =>
    ({ places: [...places, { at, host: host(start), mode: 'ro', kind }] }); // prettier-ignore
const archive =
  (kind: 'zip' | 'gz', name: string): ((dir: string) => void) =>
  (dir) =>
    writeFileSync(
      path.join(dir, name),
      makeArchive([{ name: 'confy-2.0/confy/reader.py', content: ANSWER.reader }], kind),
    );
const image = (files: Record<string, string>): AuditRequest['image'] => ({
  id: `image-${Object.keys(files).join()}`,
  async *files() {
    for (const [name, content] of Object.entries(files))
      yield await Promise.resolve({
        ok: true as const,
        value: { path: name, content: Buffer.from(content) },
      });
  },
});
const blob = (dir: string): string => plainGitInput(dir, ANSWER.reader, 'hash-object', '-w', '--stdin');
/** A second commit whose objects are in the repository. */
const second = (dir: string): string => {
  plainGit(dir, 'config', 'core.logAllRefUpdates', 'false');
  return plainGit(dir, 'commit-tree', 'HEAD^{tree}', '-m', 'after');
};

const GIT: readonly Planted[] = [
  inGit('a loose object', 'git-unreachable', 'objects', blob),
  inGit('a packed object', 'git-unreachable', 'objects', (dir) => {
    plainGitInput(dir, `${blob(dir)}\n`, 'pack-objects', '-q', '.git/objects/pack/pack');
    plainGit(dir, 'prune-packed');
  }),
  inGit('borrowed objects', 'git-alternates', 'objects/info/alternates', (dir) =>
    writeFileSync(path.join(dir, '.git/objects/info/alternates'), '/elsewhere/objects\n')),
  inGit('a reflog', 'git-reflog', 'logs', (dir) => writeFiles(dir, { '.git/logs/HEAD': `${COMMIT}\n` })),
  inGit('a stash', 'git-stash', 'refs/stash', (dir) => plainGit(dir, 'update-ref', 'refs/stash', second(dir))),
  inGit('notes', 'git-notes', 'refs/notes/commits', (dir) => plainGit(dir, 'notes', 'add', '-m', ANSWER.word)),
  inGit('a tag', 'git-tags', 'refs/tags/v2', (dir) => plainGit(dir, 'tag', 'v2')),
  inGit('a second branch', 'git-refs', 'refs/heads/fix', (dir) => plainGit(dir, 'branch', 'fix')),
  inGit('a second commit', 'git-commits', 'HEAD', (dir) => plainGit(dir, 'commit', '-q', '--allow-empty', '-m', 'x')),
  inGit('a commit of the tree after', 'git-tree', 'HEAD', (dir) => {
    writeFiles(dir, { 'confy/reader.py': ANSWER.reader });
    plainGit(dir, 'commit', '-qam', 'after', '--amend');
  }),
  inGit('packed references', 'git-packed-refs', 'packed-refs', (dir) => {
    plainGit(dir, 'tag', 'v2');
    plainGit(dir, 'pack-refs', '--all');
  }),
  inGit('a fetched head', 'git-heads', 'FETCH_HEAD', (dir) => writeFiles(dir, { '.git/FETCH_HEAD': `${COMMIT}\n` })),
  inGit('an earlier head', 'git-heads', 'ORIG_HEAD', (dir) => writeFiles(dir, { '.git/ORIG_HEAD': `${COMMIT}\n` })),
  inGit('a remote', 'git-remote', 'config', (dir) => plainGit(dir, 'remote', 'add', 'origin', 'https://x.invalid/y')),
  inGit('a submodule', 'git-submodule', 'modules', (dir) => writeFiles(dir, { '.git/modules/lib/HEAD': 'x' })),
  inGit('a further work tree', 'git-worktree', 'worktrees', (dir) => writeFiles(dir, { '.git/worktrees/w/HEAD': 'x' })),
  inGit('a hook', 'git-hooks', 'hooks', (dir) => writeFiles(dir, { '.git/hooks/post-commit': '#!/bin/sh\n' })),
  inGit('replaced objects', 'git-grafts', 'refs/replace', (dir) => plainGit(dir, 'replace', blob(dir), 'HEAD:setup.cfg')),
  inGit('grafts', 'git-grafts', 'info/grafts', (dir) => writeFiles(dir, { '.git/info/grafts': `${COMMIT}\n` })),
  inGit('a shallow history', 'git-shallow', 'shallow', (dir) => {
    writeFiles(dir, { '.git/shallow': `${plainGit(dir, 'rev-parse', 'HEAD')}\n` });
  }),
  inGit('another address for one', 'git-config', 'config', (dir) => plainGit(dir, 'config', 'url.x:.insteadOf', 'https://')),
  inGit('an included configuration', 'git-config', 'config', (dir) => plainGit(dir, 'config', 'include.path', '/x')),
  inGit('a filter', 'git-config', 'config', (dir) => plainGit(dir, 'config', 'filter.f.smudge', 'cat /answer')),
  inGit('a program that watches files', 'git-config', 'config', (dir) => plainGit(dir, 'config', 'core.fsmonitor', '/x')),
  inGit('a credential in an address', 'credential', 'config', (dir) =>
    plainGit(dir, 'config', 'url.https://u:p4ssw0rd@x.invalid/.insteadOf', 'x:')),
  inGit('an index of another tree', 'git-index', 'index', (dir) => {
    plainGit(dir, 'update-index', '--add', '--info-only', '--cacheinfo', `100644,${'1'.repeat(40)},${ANSWER.testPath}`);
  }),
]; // prettier-ignore

const FILES: readonly Planted[] = [
  leak('a hidden test by its path', 'hidden-test-path', `/workspace ${ANSWER.testPath}`, ({ workspace }) =>
    writeFiles(workspace, { [ANSWER.testPath]: '# to be done\n' })),
  leak('a hidden test by its content, renamed', 'hidden-test', '/workspace notes/one.txt', ({ workspace }) =>
    writeFiles(workspace, { 'notes/one.txt': ANSWER.test })),
  leak('a hidden test by a name in it', 'hidden-test-name', '/input prompt.md', ({ input }) =>
    writeFiles(input, { 'prompt.md': `The test ${ANSWER.testName} must pass.\n` })),
  leak('an added file, deep down', 'answer-file', '/workspace a/b/c/d/e/f.bin', ({ workspace }) =>
    writeFiles(workspace, { 'a/b/c/d/e/f.bin': ANSWER.reader })),
  leak('one added line', 'answer-line', '/input prompt.md', ({ input }) =>
    writeFiles(input, { 'prompt.md': `Do this:\n> ${ANSWER.line}\n` })),
  leak('a rare word', 'rare-token', '/workspace NOTES', ({ workspace }) =>
    writeFiles(workspace, { NOTES: `call it ${ANSWER.word}\n` })),
  leak('a patch, in JSON', 'answer-line', '/input task.json', ({ input }) =>
    writeFiles(input, { 'task.json': JSON.stringify({ patch: `@@\n-x\n+${ANSWER.line}\n` }) })),
  leak('base64 of it', 'answer-file', '/input config.yaml!base64', ({ input }) =>
    writeFiles(input, { 'config.yaml': `note: ${Buffer.from(ANSWER.reader).toString('base64')}\n` }), 'agent'),
  leak('base64 in lines', 'answer-file', '/input notes!base64', ({ input }) =>
    writeFiles(input, { notes: `------\n${Buffer.from(ANSWER.reader).toString('base64').replace(/.{76}/g, '$&\n')}\n` })),
  leak('hexadecimal', 'answer-file', '/input notes!hexadecimal', ({ input }) =>
    writeFiles(input, { notes: Buffer.from(ANSWER.reader).toString('hex') })),
  leak('a zip archive', 'answer-file', '/workspace x.dat!confy-2.0/confy/reader.py', ({ workspace }) =>
    archive('zip', 'x.dat')(workspace)),
  leak('a tar archive, compressed', 'answer-file', '/output o.bin!gzip!confy-2.0/confy/reader.py', ({ output }) =>
    archive('gz', 'o.bin')(output)),
  leak('gzip in base64', 'answer-file', '/input n!base64!gzip', ({ input }) =>
    writeFiles(input, { n: gzipSync(ANSWER.reader).toString('base64') })),
  leak('UTF-16', 'answer-line', '/input n!utf-16', ({ input }) =>
    writeFiles(input, { n: Buffer.from(`\ufeff${ANSWER.reader}`, 'utf16le') })),
  leak('a loose object out of place', 'answer-line', '/input n!zlib', ({ input }) =>
    writeFiles(input, { n: deflateSync(`blob ${ANSWER.reader.length}\0${ANSWER.reader}`) })),
  leak('a file that differs from the tree before', 'unexpected-file', '/workspace extra.txt', ({ workspace }) =>
    writeFiles(workspace, { 'extra.txt': 'x\n' })),
  leak('a file whose name is no text', 'answer-line', '/input \ufffd.txt', ({ input }) =>
    writeFileSync(Buffer.concat([Buffer.from(`${input}/`), Buffer.from([0xff]), Buffer.from('.txt')]), `> ${ANSWER.line}\n`)),
  leak('a bundle', 'git-bundle', '/input b', ({ input, repo }) =>
    void plainGit(repo, 'bundle', 'create', '-q', path.join(input, 'b'), 'HEAD')),
  leak('a nested repository', 'git-folder', '/workspace lib/.git', ({ workspace }) => {
    mkdirSync(path.join(workspace, 'lib'));
    plainGit(path.join(workspace, 'lib'), 'init', '-q');
  }),
  leak('a link out', 'symlink-out', '/workspace out', ({ workspace, repo }) => symlinkSync(repo, path.join(workspace, 'out'))),
  leak('a hard link', 'hard-link', '/workspace setup.cfg2', ({ workspace, top }) => {
    writeFileSync(path.join(top, 'elsewhere'), 'x');
    linkSync(path.join(top, 'elsewhere'), path.join(workspace, 'setup.cfg2'));
  }),
  leak('a pipe', 'special-file', '/input pipe', ({ input }) => void execFileSync('mkfifo', [path.join(input, 'pipe')])),
  leak('helper tests with lines of hidden ones', 'hidden-test', '/input helper-tests/tests/test_more.py', ({ helperTests }) =>
    writeFiles(helperTests, { 'tests/test_more.py': `# more\n${ANSWER.test}` })),
  leak('the whole hidden test among helper tests', 'hidden-test', '/input helper-tests/t.py', ({ helperTests }) =>
    writeFiles(helperTests, { 't.py': ANSWER.test })),
  leak('the id of the commit', 'commit-id', '/input prompt.md', ({ input }) =>
    writeFiles(input, { 'prompt.md': `as in ${COMMIT}\n` })),
  leak('the beginning of that id', 'commit-id', '/workspace NEWS', ({ workspace }) =>
    writeFiles(workspace, { NEWS: `fixed (${COMMIT.slice(0, 8)})\n` })),
  leak('a link to the change', 'commit-link', '/input prompt.md', ({ input }) =>
    writeFiles(input, { 'prompt.md': 'https://github.com/acme/confy/pull/77\n' })),
  leak('a secret of the host', 'host-secret', '/input n', ({ input }) => writeFiles(input, { n: 'k=zz-host-secret-0123456789' })),
]; // prettier-ignore

const ENVIRONMENT: readonly Planted[] = [
  leak('the migrated package at the version after', 'migrated-package', '/env lib/python3.11/site-packages/confy-2.0.dist-info', ({ packages }) =>
    install(packages, 'confy', '2.0', { 'confy/__init__.py': '' })),
  leak('its files, whatever its version says', 'answer-file', '/env lib/python3.11/site-packages/confy/reader.py', ({ packages }) =>
    install(packages, 'confy', '1.4', { 'confy/reader.py': ANSWER.reader })),
  leak('its files without a record', 'answer-file', '/env lib/python3.11/site-packages/x.py', ({ packages }) =>
    writeFiles(packages, { 'x.py': ANSWER.reader })),
  leak('its files under another name', 'answer-file', '/env lib/python3.11/site-packages/confy/reader.py', ({ packages }) =>
    install(packages, 'confy-fork', '9', { 'confy/reader.py': ANSWER.reader })),
  leak('its bytecode', 'rare-token', '/env lib/python3.11/site-packages/__pycache__/x.cpython-311.pyc', ({ packages }) =>
    writeFiles(packages, { '__pycache__/x.cpython-311.pyc': Buffer.from(`\xa7\r\r\n\0\0\xda\x16${ANSWER.word}\0`, 'latin1') })),
  leak('a hidden test in a library', 'hidden-test', '/env lib/python3.11/site-packages/attr/t.py', ({ packages }) =>
    install(packages, 'more', '1', { 'attr/t.py': ANSWER.test })),
  leak("a line added to the target library's own file", 'answer-line', '/env lib/python3.11/site-packages/tomli/__init__.py', ({ packages }) =>
    writeFiles(packages, { 'tomli/__init__.py': `def load(stream):\n    return {}\n# ${ANSWER.word}\n${ANSWER.line}\n` })),
  leak('a wheel in a cache', 'migrated-package', '/env cache/confy-2.0-py3-none-any.whl', ({ environment }) => {
    mkdirSync(path.join(environment, 'cache'));
    archive('zip', 'confy-2.0-py3-none-any.whl')(path.join(environment, 'cache'));
  }),
  leak('what a wheel without a name holds', 'answer-file', '/env cache/0a1b!confy-2.0/confy/reader.py', ({ environment }) => {
    mkdirSync(path.join(environment, 'cache'));
    archive('zip', '0a1b')(path.join(environment, 'cache'));
  }),
  leak('a link into hidden folders', 'symlink-out', '/env repos', ({ environment, repo }) => symlinkSync(repo, path.join(environment, 'repos'))),
  inAgent('the answer in the agent', 'answer-file', 'knowledge/a.txt', { 'knowledge/a.txt': ANSWER.reader }),
  inAgent('lines of it in the agent', 'answer-line', 'k.py', { 'k.py': ANSWER.reader.replace('import os', '# learned') }),
  inAgent('a release of the package in the agent', 'migrated-package', 'w/confy-2.1.tar.gz', { 'w/confy-2.1.tar.gz': 'x' }),
  leak('a layer of its image', 'answer-file', 'image opt/confy/reader.py', () =>
    ({ image: image({ 'etc/issue': 'x', 'opt/confy/reader.py': ANSWER.reader }) }), 'agent'),
  leak('the package in its image', 'migrated-package', 'image usr/lib/python3/dist-packages/confy-2.0.egg-info/PKG-INFO', () =>
    ({ image: image({ 'usr/lib/python3/dist-packages/confy-2.0.egg-info/PKG-INFO': 'Name: confy\n' }) }), 'agent'),
]; // prettier-ignore

const START: readonly Planted[] = [
  leak('an argument', 'answer-line', 'argument 9', text('argument 9', ANSWER.line)),
  leak('a variable', 'rare-token', 'variable HINT', text('variable HINT', `use ${ANSWER.word}`)),
  leak('base64 in a variable', 'answer-file', 'variable HINT !base64', text('variable HINT', Buffer.from(ANSWER.reader).toString('base64'))),
  leak('a key of the user', 'credential', 'variable MY_API_KEY', text('variable MY_API_KEY', 'abcdefgh12345678', 'agent'), 'agent'),
  leak('a key-like value', 'credential', 'variable LANGUAGE', text('variable LANGUAGE', 'sk-abcdefghijklmnopqrstuvwx', 'agent'), 'agent'),
  leak("the address of the engine's socket", 'mount-socket', 'variable DOCKER_HOST', text('variable DOCKER_HOST', 'unix:///run/docker.sock')),
  leak('a variable that nobody named', 'extra-variable', 'variable HOME_OF_USER', () =>
    ({ variables: { given: ['HOME_OF_USER'], allowed: ['LANGUAGE'] } })),
  leak('the data folder', 'mount-data', '/tools/x', mount('/tools/x', ({ dataDir }) => dataDir)),
  leak('a parent of it', 'mount-data', '/tools/x', mount('/tools/x', ({ top }) => top)),
  leak('a hidden folder', 'mount-hidden', '/tools/x', mount('/tools/x', ({ repo }) => repo)),
  leak('a hidden folder through a link', 'mount-hidden', '/tools/x', (start, request) => {
    const link = path.join(start.top, 'harmless');
    symlinkSync(start.repo, link);
    return mount('/tools/x', () => link)(start, request);
  }),
  leak("the engine's socket", 'mount-socket', '/tools/x', mount('/tools/x', () => '/var/run/docker.sock')),
  leak('a folder with the engine\'s socket', 'mount-socket', '/tools/x', (start, request) => {
    writeFiles(start.top, { 'run/docker.sock': '' });
    return mount('/tools/x', ({ top }) => path.join(top, 'run'))(start, request);
  }),
  leak('a single file that is mounted', 'answer-file', '/tools/x', (start, request) => {
    writeFiles(start.top, { note: ANSWER.reader });
    return mount('/tools/x', ({ top }) => path.join(top, 'note'))(start, request);
  }),
  leak('one mount too many', 'mount-extra', '/more', mount('/more', ({ agent }) => agent, 'other')),
]; // prettier-ignore

let template: AuditedStart;
beforeAll(async () => {
  template = await readyStart();
});

describe.each([
  ['the repository of the workspace', GIT],
  ['files that we make', FILES],
  ['the environment and the agent', ENVIRONMENT],
  ['the start itself', START],
])('a leak in %s is found', (_, planted) => {
  test.each(planted.map((one) => [one.leak, one] as const))('%s', async (_name, one) => {
    const start = copyOf(template);
    const request = start.request();
    expect((await audited(request)).findings).toEqual([]);
    const change = await one.plant(start, request);
    const { findings } = await audited({ ...request, ...(typeof change === 'object' ? change : {}) });
    const seen = findings.map(({ rule, place, path: below }) => `${rule} ${`${place} ${below}`.trim()}`);
    expect(seen).toContain(`${one.rule} ${one.where}`);
    expect(findings.filter(({ side }) => side !== (one.side ?? 'ours'))).toEqual([]);
    const hidden = [ANSWER.word, ANSWER.testName, ANSWER.line.trim(), 'host-secret-01', 'p4ssw0rd', COMMIT];
    for (const word of hidden) expect(JSON.stringify(findings)).not.toContain(word);
  });
});

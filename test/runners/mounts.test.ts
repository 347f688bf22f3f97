import { describe, expect, test } from 'vitest';
import { mountFindings, mountTable, type RoleFolders } from '../../src/runners/mounts.ts';

const environment = [{ host: '/data/envs/u/p/ab', at: '/env', mode: 'ro' as const }];
const folders = {
  workspace: '/s/w',
  input: '/s/i',
  output: '/s/o',
  agent: '/agents/a',
  tools: { 'ast-grep': '/c/t/ast-grep' },
  environment,
  door: null,
};
const bounds = { dataDir: '/data', hidden: ['/data/repos', '/data/eval-tests', '/data/score'] };
const shown = (request: RoleFolders): string[] =>
  mountTable(request).map(({ host, at, mode }) => `${host} ${at} ${mode}`);

const common = [
  '/s/w /workspace rw',
  '/s/i /input ro',
  '/s/o /output rw',
  '/agents/a /agent ro',
  '/c/t/ast-grep /tools/ast-grep ro',
  '/data/envs/u/p/ab /env ro',
];

test.each<[string, RoleFolders, string[]]>([
  ['a coding agent', { role: 'coding-agent', ...folders }, common],
  [
    'a coding agent whose image holds it, without environment',
    { role: 'coding-agent', ...folders, agent: null, tools: {}, environment: [] },
    common.slice(0, 3),
  ],
  [
    'a coding agent that calls a model',
    { role: 'coding-agent', ...folders, door: '/s/door' },
    [...common, '/s/door /gateway ro'],
  ],
  ['a helper suite', { role: 'testing-agent', mode: 'helper', groundTruth: null, ...folders }, common],
  [
    'an eval suite',
    { role: 'testing-agent', mode: 'eval', groundTruth: '/s/g', ...folders },
    [...common, '/s/g /input/ground-truth ro'],
  ],
  [
    'a run of tests',
    { role: 'test-suite', tree: '/s/t', plugin: '/p', results: '/s/r', environment },
    ['/s/t /workspace rw', '/p /mig ro', '/s/r /results rw', '/data/envs/u/p/ab /env ro'],
  ],
])('%s sees exactly this', (_, request, expected) => {
  expect(shown(request)).toEqual(expected);
  expect(mountFindings(mountTable(request), bounds)).toEqual([]);
});

test('ground truth never reaches a helper suite', () => {
  expect(() =>
    mountTable({ role: 'testing-agent', mode: 'helper', groundTruth: '/s/g', ...folders }),
  ).toThrow();
});

describe('findings', () => {
  test.each([
    ['the data folder', { host: '/data', at: '/x', mode: 'ro' }, /holds the data folder/],
    ['a parent of it', { host: '/', at: '/x', mode: 'ro' }, /holds the data folder/],
    ['a hidden folder', { host: '/data/repos', at: '/x', mode: 'ro' }, /reaches \/data\/repos/],
    [
      'a place below a hidden folder',
      { host: '/data/eval-tests/u/t', at: '/x', mode: 'ro' },
      /reaches \/data\/eval-tests/,
    ],
    ['a relative path', { host: 'data/x', at: '/x', mode: 'ro' }, /absolute/],
    ['a way up', { host: '/s/../data', at: '/x', mode: 'ro' }, /absolute/],
    ['the socket of an engine', { host: '/run/docker.sock', at: '/x', mode: 'ro' }, /socket/],
    ['a writable environment', { host: '/s/e', at: '/env', mode: 'rw' }, /\/env is writable/],
  ] as const)('%s', (_, mount, finding) => {
    expect(mountFindings([mount], bounds).join()).toMatch(finding);
  });

  test('a folder beside the data folder, with a name that begins like it, is none', () => {
    expect(mountFindings([{ host: '/data-of-others', at: '/x', mode: 'ro' }], bounds)).toEqual([]);
  });

  test('two mounts at one place', () => {
    const mount = { host: '/s/a', at: '/x', mode: 'ro' } as const;
    expect(mountFindings([mount, mount], bounds)).toEqual(['/x is mounted twice']);
  });
});

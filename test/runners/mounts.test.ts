import { describe, expect, test } from 'vitest';
import { placeFindings } from '../../src/audit/place-findings.ts';
import type { Place } from '../../src/audit/request.ts';
import { mountTable, placesOf, type RoleFolders } from '../../src/runners/mounts.ts';

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
  if (request.role !== 'test-suite') expect(placeFindings(placesOf(mountTable(request)), bounds)).toEqual([]);
});

test('two installed agents are two contents for the leak audit', () => {
  const idOf = (host: string) => placesOf([{ host, at: '/opt/agent', mode: 'ro' }])[0]?.contentId;
  const [one, two] = ['/data/cache/agents/a-01/prefix', '/data/cache/agents/b-02/prefix'].map(idOf);
  expect(one).toBe('a-01');
  expect(two).not.toBe(one);
});

test('ground truth never reaches a helper suite', () => {
  expect(() =>
    mountTable({ role: 'testing-agent', mode: 'helper', groundTruth: '/s/g', ...folders }),
  ).toThrow();
});

const findings = (...places: readonly Place[]): string =>
  placeFindings(places, bounds)
    .map(({ at, what }) => `${at}: ${what}`)
    .join();

test('what stands at no known place is nothing that an agent is given', () => {
  expect(placesOf([{ host: '/s/x', at: '/x', mode: 'ro' }])[0]?.kind).toBe('other');
  expect(findings({ host: '/s/x', at: '/x', mode: 'ro', kind: 'other' })).toMatch(
    /nothing that an agent is given/,
  );
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
    ['a writable environment', { host: '/s/e', at: '/env', mode: 'rw' }, /\/env: it is writable/],
  ] as const)('%s', (_, mount, finding) => {
    expect(findings({ ...mount, kind: 'environment' })).toMatch(finding);
  });

  test('a folder beside the data folder, with a name that begins like it, is none', () => {
    expect(findings({ host: '/data-of-others', at: '/x', mode: 'ro', kind: 'environment' })).toBe('');
  });

  test('two mounts at one place', () => {
    const mount = { host: '/s/a', at: '/x', mode: 'ro', kind: 'environment' } as const;
    expect(findings(mount, mount)).toBe('/x: it is mounted twice');
  });
});

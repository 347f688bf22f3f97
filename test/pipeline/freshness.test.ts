import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/model/events.ts';
import { decideFreshness, type FreshnessFacts } from '../../src/pipeline/freshness.ts';
import { keyOf, type Inputs, type Stamp } from '../../src/pipeline/stamp.ts';

const inputs: Inputs = { code: 1, params: { model: 'm' }, ports: { 'a.b': 'd1' }, files: { f: 'h1' } };
const stamp = (more: Partial<Stamp> = {}): Stamp => ({
  version: 1,
  task: 'coding_agent',
  unit: 'u',
  variant: null,
  outcome: 'patch',
  key: keyOf('coding_agent', inputs),
  inputs,
  outputs: { ports: {}, files: [] },
  run: {
    id: 'r',
    nonce: 'n',
    attempt: 1,
    host: 'h',
    bootId: '',
    pid: 1,
    processStart: '',
    startedAt: '',
    endedAt: '',
    tool: '',
  },
  usage: null,
  note: null,
  log: null,
  error: null,
  ...more,
});
const base: FreshnessFacts = {
  stamp: stamp(),
  unreadable: null,
  interrupted: false,
  forced: false,
  inputs,
  acceptsAny: [],
  outgrown: [],
  unknown: [],
  outputs: [],
};
const failed = stamp({ outcome: 'failed', error: { class: 'infra', reason: 'x', message: 'no engine' } });
const gone: Change = { reason: 'output-missing', name: 'out.txt' };
const changedByte: Change = { reason: 'output-changed', name: 'out.txt', old: 'a', new: 'b' };
const unknown = [{ port: 'a.b', task: 'helper_test' as const }];
const withoutNeed = { ...inputs, ports: {} };

const rows: [string, Partial<FreshnessFacts>, string][] = [
  ['nothing changed', {}, 'fresh'],
  ['no stamp', { stamp: null }, 'never-run'],
  ['no stamp, forced', { stamp: null, forced: true }, 'never-run'],
  ['no stamp, a dead attempt', { stamp: null, interrupted: true }, 'interrupted'],
  ['no stamp, a dead attempt, forced', { stamp: null, interrupted: true, forced: true }, 'forced'],
  ['forced comes before every difference', { forced: true, inputs: { ...inputs, code: 2 } }, 'forced'],
  ['a dead attempt leaves an earlier result valid', { interrupted: true }, 'fresh'],
  ['a dead attempt where the last one failed', { stamp: failed, interrupted: true }, 'interrupted'],
  ['the stamp of a failure', { stamp: failed }, 'failed'],
  ['an unreadable stamp', { stamp: null, unreadable: 'is not whole JSON' }, 'stamp-unreadable'],
  ['an unreadable stamp, forced', { stamp: null, unreadable: 'is cut', forced: true }, 'forced'],
  ['code before params', { inputs: { ...inputs, code: 2, params: {} } }, 'code'],
  ['params before needs', { inputs: { ...inputs, params: { model: 'n' }, ports: {} } }, 'params'],
  ['a text is not the number it looks like', { inputs: { ...inputs, params: { model: 1 } } }, 'params'],
  ['an accepted param', { inputs: { ...inputs, params: { model: 'n' } }, acceptsAny: ['model'] }, 'fresh'],
  ['a new param', { inputs: { ...inputs, params: { model: 'm', x: 1 } }, acceptsAny: ['x'] }, 'params'],
  ['a need before a file', { inputs: { ...inputs, ports: { 'a.b': 'd2' }, files: {} } }, 'need'],
  ['a need that is gone', { inputs: withoutNeed }, 'need'],
  ['a need that is not known yet', { inputs: withoutNeed, unknown }, 'depends'],
  [
    'a file while a need is not known yet',
    { inputs: { ...withoutNeed, files: { f: 'h2' } }, unknown },
    'file',
  ],
  ['a missing output before a changed one', { outputs: [changedByte, gone] }, 'output-missing'],
  ['a changed output', { outputs: [changedByte] }, 'output-changed'],
];

describe('freshness', () => {
  it.each(rows)('%s', (_, facts, expected) => {
    const decided = decideFreshness({ ...base, ...facts });
    expect(decided.decision === 'stale' ? decided.reason : decided.decision).toBe(expected);
  });

  it('keeps every difference, with what was and what is', () => {
    const now: Inputs = { code: 2, params: { x: [1] }, ports: { 'a.b': 'd2' }, files: { f: 'h2' } };
    const decided = decideFreshness({ ...base, inputs: now, outputs: [gone] });
    expect(decided).toEqual({
      decision: 'stale',
      reason: 'code',
      changes: [
        { reason: 'code', old: '1', new: '2' },
        { reason: 'params', name: 'model', old: 'm' },
        { reason: 'params', name: 'x', new: '[1]' },
        { reason: 'need', name: 'a.b', old: 'd1', new: 'd2' },
        { reason: 'file', name: 'f', old: 'h1', new: 'h2' },
        gone,
      ],
    });
  });

  it('the key does not depend on the order in which inputs are named', () => {
    const turned = { ...inputs, params: { b: 1, a: 2 } };
    const straight = { ...inputs, params: { a: 2, b: 1 } };
    expect(keyOf('coding_agent', turned)).toBe(keyOf('coding_agent', straight));
    expect(keyOf('coding_agent', turned)).not.toBe(keyOf('patch_eval', turned));
  });
});

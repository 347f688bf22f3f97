import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { failureMessage } from '../../src/report/failure-message.ts';
import { exitCodeOf } from '../../src/model/failure.ts';

const src = path.join(path.dirname(path.dirname(import.meta.dirname)), 'src');
const texts = (dir: string): string =>
  readdirSync(path.join(src, dir))
    .map((name) => readFileSync(path.join(src, dir, name), 'utf8'))
    .join('\n');
const reasons = [...texts('model/failures').matchAll(/reason:((?:\s*\|?\s*'[a-z0-9-]+')+)/g)].flatMap(
  (match) => [...match[1]!.matchAll(/'([a-z0-9-]+)'/g)].map((name) => name[1]!),
);
const worded = new Set(
  [...texts('report/messages').matchAll(/case '([a-z0-9-]+)'/g)].map((match) => match[1]!),
);

test('every reason of every failure has a sentence', () => {
  expect(reasons.length).toBeGreaterThan(30);
  expect(reasons.filter((reason) => !worded.has(reason))).toEqual([]);
});

test('a sentence names the thing, the place and the next step', () => {
  const message = failureMessage({
    class: 'config',
    reason: 'config-invalid',
    file: 'config/pipeline.yaml',
    line: 2,
    column: 1,
    key: 'runtme',
    problem: 'is not a key',
    nearest: 'runtime',
  });
  expect(message).toBe('config/pipeline.yaml:2:1: "runtme" is not a key. Did you mean "runtime"?');
});

test.each([
  [{ class: 'config', reason: 'agent-needs-model', name: 'x', providers: [] } as const, 2],
  [{ class: 'infra', reason: 'folder-missing', folder: 'x', source: 'y' } as never, 3],
  [{ class: 'infra', reason: 'unit-busy', folder: 'x', host: 'h', pid: 1, since: 't' } as const, 5],
  [{ class: 'bug', reason: 'unexpected', detail: 'x' } as const, 1],
])('exit code of %o', (failure, code) => {
  expect(exitCodeOf(failure)).toBe(code);
});

import { expect, test } from 'vitest';
import { trajectoryLines } from '../../src/report/trajectory.ts';

test('each step is told in its own words, long ones by their beginning; other lines stay', () => {
  const steps = [
    { step: 'prompt', seconds: 0.1, system: 's', text: 'Migrate.' },
    {
      step: 'call',
      seconds: 1,
      text: 'I look.',
      usage: { input_tokens: 10, cached_tokens: 2, output_tokens: 3 },
    },
    { step: 'tool', seconds: 1, name: 'shell', arguments: { command: 'ls' } },
    { step: 'result', seconds: 2, name: 'shell', text: 'x'.repeat(500) },
    { step: 'check', seconds: 3, tests: 'helper', passed: true },
    { step: 'end', seconds: 65.2, reason: 'done', words: 'Migrated.\nAll of it.' },
  ];
  const text = `${steps.map((step) => JSON.stringify({ schema: 1, ...step })).join('\n')}\nnot json\n{"no":"step"}\n`;
  expect(trajectoryLines(text)).toEqual([
    '[    0.1 s] prompt  Migrate.',
    '[    1.0 s] call  10 tokens in (2 cached), 3 out',
    '              I look.',
    '[    1.0 s] tool  shell {"command":"ls"}',
    `[    2.0 s] result  shell: ${'x'.repeat(400)} ... (100 characters more)`,
    '[    3.0 s] check  {"tests":"helper","passed":true}',
    '[   65.2 s] end  done: Migrated.',
    '              All of it.',
    'not json',
    '{"no":"step"}',
  ]);
});

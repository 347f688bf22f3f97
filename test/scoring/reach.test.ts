import { expect, test } from 'vitest';
import { withinReach } from '../../src/scoring/reach.ts';
import { strengthOf } from '../../src/scoring/strength.ts';

const LINES = { 'a.py': [1, 2, 3], 'windows.py': [1, 2] };

test('files that want a module of another machine are left out of the measure, by name', () => {
  const reach = withinReach(LINES, {
    'windows.py': 'No module named winreg',
    'other.py': 'No module named x',
  });
  expect(reach).toEqual({
    executable: { 'a.py': [1, 2, 3] },
    unreachable: [{ path: 'windows.py', why: 'No module named winreg' }],
  });
  const strength = strengthOf({ total: 1, killed: 1 }, reach, [{ 'a.py': [1, 2, 3], 'windows.py': [1] }]);
  expect(strength).toMatchObject({
    value: 1,
    lines: { executable: 3, executed: 3 },
    unreachable: [{ path: 'windows.py' }],
  });
});

test.each([
  [{ 'a.py': [1], 'windows.py': [1] }],
  [{ 'a.py': [1], 'windows.py': [1, 2, 3] }],
  [{ 'windows.py': [1] }],
  [{}],
])('%j: where half of the lines or more are in such files, all count', (executable) => {
  expect(withinReach(executable, { 'windows.py': 'No module named winreg' })).toEqual({
    executable,
    unreachable: [],
  });
});

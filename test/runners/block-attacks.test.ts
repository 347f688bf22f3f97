import { describe, expect, test } from 'vitest';
import { ATTACKS, DEEPER_ATTACKS, OLD_ATTACKS } from '../fixtures/block-attacks.ts';
import { pyenvPython, runSealed } from '../rigs/sealed-suite.ts';

const HEAD = `
import os, sys
def path_of():
    import os
    return os.path.join(os.path.dirname(os.__file__), 'getopt.py')
ARGS = (['-a', 'x'], 'a')
KEPT, LATER = [], []
def len_(): pass
`;
const REACHED = "([('-a', '')], ['x'])";

/** Each attack is the body of a function of product code that answers what getopt gave it. */
function filesOf(attacks: Readonly<Record<string, string>>): Record<string, string> {
  const bodies = Object.entries(attacks).map(
    ([name, body]) => `def ${name}():\n    ${body.trim().replace(/\n {4}/g, '\n    ')}\n`,
  );
  const calls = Object.keys(attacks).map(
    (name) => `
def test_${name}():
    try:
        got = attacks.${name}()
        if attacks.LATER:
            if isinstance(got, int):
                try: os.kill(got, signal.SIGUSR2)
                except TypeError: pass
            got = None
            later = attacks.LATER.pop()
            got = later[0] if later else None
    except BaseException as error:
        got = error
    del attacks.LATER[:]
    assert str(got).strip() != ${JSON.stringify(REACHED)}, 'reached'
`,
  );
  return {
    'app/__init__.py': '',
    'app/attacks.py': HEAD + bodies.join('\n'),
    'tests/helper.py': 'import getopt\ndef options():\n    return getopt.getopt(["-a", "x"], "a")\n',
    'tests/test_attacks.py': `import getopt, os, signal, sys, thirdlib
from app import attacks
${calls.join('')}
def test_own_use(): assert getopt.getopt(['-a', 'x'], 'a') == ${REACHED}
def test_third_party(): assert thirdlib.options() == thirdlib.Third().getopts() == ${REACHED}
`,
  };
}

const BLOCK = {
  names: ['getopt'],
  exempt: ['tests/test_attacks.py', 'tests/helper.py'],
  target: ['argparse'],
};
const OWN = ['test_own_use', 'test_third_party'];

describe.each([
  ['3.11', ATTACKS],
  ['3.13', { ...OLD_ATTACKS, ...DEEPER_ATTACKS }],
  ['3.7', OLD_ATTACKS],
  ['2.7', OLD_ATTACKS],
])('attacks on the block, Python %s', (line, attacks) => {
  test.skipIf(pyenvPython(line) === null)(
    'none gets at A, and tests and third parties do',
    { timeout: 600_000 },
    async () => {
      const done = await runSealed(filesOf(attacks), BLOCK, line);
      expect(done.collectionErrors).toEqual([]);
      expect(done.messages).toEqual({});
      expect(new Set(Object.values(done.tests))).toEqual(new Set(['passed']));
      expect(Object.keys(done.tests)).toHaveLength(Object.keys(attacks).length + OWN.length);
    },
  );

  test.skipIf(pyenvPython(line) === null || line === '3.13' || line === '3.7')(
    'every one of them works where there is no block',
    { timeout: 600_000 },
    async () => {
      const done = await runSealed(filesOf(attacks), null, line);
      const passed = Object.entries(done.tests).filter(([, outcome]) => outcome === 'passed');
      // 2.7's pydoc tells by the innermost frame whether a module is missing, and there the watch wraps the import
      const lost = line === '2.7' ? ['test_pydoc_'] : [];
      expect(passed.map(([id]) => id.split('::')[1]).sort()).toEqual([...OWN, ...lost].sort());
    },
  );
});

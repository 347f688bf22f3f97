import path from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerOf, NOTHING_HIDDEN } from '../../src/audit/answer.ts';
import { linesOf, Needles } from '../../src/audit/needles.ts';
import { releaseNamed } from '../../src/audit/distributions.ts';
import { isLater } from '../../src/audit/project.ts';
import { readTar, tarEntries } from '../../src/audit/tar.ts';
import { makeArchive } from '../rigs/archives.ts';
import { ANSWER, audited, type AuditedStart, copyOf, install, readyStart } from '../rigs/audited-start.ts';
import { writeFiles } from '../rigs/git-repository.ts';

let template: AuditedStart;
beforeAll(async () => {
  template = await readyStart();
});

describe('what gives nothing away', () => {
  const clean = async (change: (start: AuditedStart) => void): Promise<void> => {
    const start = copyOf(template);
    change(start);
    expect((await audited(start.request())).findings).toEqual([]);
  };

  test('a generated helper test that by chance has the name of a hidden one', () =>
    clean(({ helperTests }) =>
      writeFiles(helperTests, {
        'mig_generated/tests/test_more.py': `def ${ANSWER.testName}():\n    assert 1 + 1 == 2\n`,
      }),
    ));
  test('an agent whose code has one word of the answer', () =>
    clean(({ agent }) => writeFiles(agent, { 'tool.py': `def ${ANSWER.word}(x):\n    return x\n` })));
  test('a library that uses such a word, and the bytecode of it', () =>
    clean(({ packages }) => {
      install(packages, 'other', '1', { 'other/a.py': `def ${ANSWER.word}(x):\n    return x\n` });
      writeFiles(packages, { 'other/__pycache__/a.cpython-311.pyc': `\0\0${ANSWER.word}\0` });
    }));
  test('an older release of the migrated package, without the answer', () =>
    clean(({ packages }) => install(packages, 'confy', '1.2', { 'confy/a.py': 'import toml\n' })));
  test('files of the tree before, wherever they are', () =>
    clean(({ input, agent }) => {
      const content = 'from confy.reader import read\n\n\ndef test_reads():\n    assert read\n';
      writeFiles(input, { 'helper-tests/x.py': content });
      writeFiles(agent, { 'seen.py': content });
    }));
  test('ordinary Python in an agent', () =>
    clean(({ agent }) =>
      writeFiles(agent, {
        'a.py':
          'import os\nimport tomli\n\nwith open(path, "rb") as stream:\n    print(tomli.load(stream))\n',
      }),
    ));
  test('the door to the gateway and the token of this start', async () => {
    const start = copyOf(template);
    const request = start.request();
    const places = [
      ...request.places,
      { at: '/run/mig/gateway.sock', host: `${start.top}/gateway.sock`, mode: 'rw', kind: 'socket' } as const,
    ];
    const texts = [
      ...request.texts,
      { what: 'variable OPENAI_API_KEY', text: 'mig-token-of-this-start-0001', side: 'ours' } as const,
    ];
    expect((await audited({ ...request, places, texts })).findings).toEqual([]);
    const other = { what: 'variable OPENAI_API_KEY', text: 'another-token-00001', side: 'ours' } as const;
    expect((await audited({ ...request, texts: [other] })).findings).toMatchObject([{ rule: 'credential' }]);
  });
  test('nothing is hidden: then nothing is found', async () => {
    const start = copyOf(template);
    writeFiles(start.agent, { 'a.py': ANSWER.reader });
    const answer = await answerOf(start.repo, start.trees.before, NOTHING_HIDDEN);
    if (!answer.ok) throw new Error('no answer');
    expect((await audited({ ...start.request(), answer: answer.value })).findings).toEqual([]);
  });
});

describe('needles', () => {
  const found = (words: readonly string[], lines: readonly string[], content: string) => {
    const seen: string[] = [];
    const finder = { word: (word: string) => seen.push(word), line: (line: string) => seen.push(line) };
    new Needles(new Set(words), new Set(lines)).scan(Buffer.from(content), finder);
    return seen;
  };

  test.each([
    ['x = wanted_word', ['wanted_word']],
    ['wanted_word', ['wanted_word']],
    ['unwanted_word wanted_words', []],
    ['\\nwanted_word', ['wanted_word']],
  ])('words are whole: %s', (content, expected) => expect(found(['wanted_word'], [], content)).toEqual(expected));

  test.each([
    ['  value = "b" + c(d)', true],
    ['+  value = "b"+c(d)', true],
    ['> > value="b"  +  c( d )\r', true],
    ['"x\\n  value = \\"b\\" + c(d)\\ny"', true],
    ['  value = "b" + c(d) # more', false],
  ])('lines count without blanks, marks of patches and quoting: %s', (content, expected) =>
    expect(found([], ['value="b"+c(d)'], content)).toEqual(expected ? ['value="b"+c(d)'] : []));

  test('every line and word of any text is found in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '_', '1', ' ', '\n', '\\', 'n', '"', '+', '>', '\t', '.', 'é'), maxLength: 300 }), (text) => {
        const content = Buffer.from(text);
        const lines = [...linesOf(content)];
        const words = lines.flatMap((one) => one.words);
        const seen = new Set(found(words, lines.map(({ line }) => line), text));
        for (const { line } of lines) expect(seen).toContain(line);
        for (const word of words) expect(seen).toContain(word);
      }),
    );
  });
}); // prettier-ignore

test('tar archives are read alike whole and in pieces of any size', async () => {
  const long = `${'deep/'.repeat(30)}file.py`;
  const entries = [
    { name: 'a.py', content: 'x = 1\n' },
    { name: 'big.bin', zeros: 5000 },
    { name: long, content: 'y = 2\n' },
    { name: 'link', type: 'symlink' as const, target: 'a.py' },
    { name: 'b.py', content: 'z = 3\n' },
  ];
  const archive = makeArchive(entries, '');
  const whole = [...tarEntries(archive)].map(({ path: name, content }) => [name, content.toString()]);
  expect(whole.map(([name]) => name)).toEqual(['a.py', 'big.bin', long, 'b.py']);
  for (const size of [1, 7, 512, 1000, archive.length]) {
    const pieces = Array.from({ length: Math.ceil(archive.length / size) }, (_, at) => archive.subarray(at * size, (at + 1) * size));
    const read: [string, string | undefined][] = [];
    for await (const file of readTar(Readable.from(pieces), 4096)) read.push([file.path, file.content?.toString()]);
    expect(read).toEqual(whole.map(([name, text]) => [name, name === 'big.bin' ? undefined : text]));
  }
}); // prettier-ignore

test.each([
  ['confy-2.0-py3-none-any.whl', 'confy', '2.0'],
  ['check_manifest-0.48.tar.gz', 'check-manifest', '0.48'],
  ['check-manifest-0.48.zip', 'check-manifest', '0.48'],
  ['Flask_Login-0.6.3.dist-info', 'flask-login', '0.6.3'],
  ['pooch-1.7.0-py3.11.egg-info', 'pooch', '1.7.0'],
  ['reader.py', undefined, undefined],
  ['confy.egg-info', undefined, undefined],
])('a release by its name: %s', (name, project, version) =>
  expect(releaseNamed(path.basename(name))).toEqual(project === undefined ? undefined : { project, version }),
);

test.each([
  ['2.0', '1.4', '2.0', true],
  ['2.0.1', '1.4', '2.0', true],
  ['10.0', '1.4', '2.0', true],
  ['1.9', '1.4', '2.0', false],
  ['1.4', '1.4', '2.0', false],
  ['1.4', '1.4', '1.4', false],
  ['3.0', null, null, false],
])('release %s of a migration from %s to %s: later %s', (version, before, after, expected) =>
  expect(isLater(version, { names: [], before, after })).toBe(expected),
);

import type { CollectionError, TestId } from '../model/tests.ts';
import type { EndedTest } from './test-events.ts';

/** JUnit's XML of a run, made from what was streamed, so that nothing under test can write it. */
export function junitXml(
  tests: ReadonlyMap<TestId, EndedTest>,
  collectionErrors: readonly CollectionError[],
): string {
  const cases = [...tests].map(([id, test]) => testCase(id, test));
  const errors = collectionErrors.map(
    ({ file, message }) =>
      `  <testcase classname="${escaped(file)}" name="collection" time="0"><error message="collection_error">${escaped(message)}</error></testcase>`,
  );
  const count = (...outcomes: string[]): number =>
    [...tests.values()].filter(({ outcome }) => outcomes.includes(outcome)).length;
  const seconds = [...tests.values()].reduce((sum, test) => sum + test.seconds, 0);
  const attributes = [
    `tests="${tests.size + errors.length}"`,
    `failures="${count('failed')}"`,
    `errors="${count('error', 'timeout', 'crash') + errors.length}"`,
    `skipped="${count('skipped', 'xfail')}"`,
    `time="${seconds.toFixed(3)}"`,
  ].join(' ');
  return `<?xml version="1.0" encoding="utf-8"?>\n<testsuites><testsuite name="pytest" ${attributes}>\n${[...cases, ...errors].join('\n')}\n</testsuite></testsuites>\n`;
}

function testCase(id: TestId, { outcome, seconds, message }: EndedTest): string {
  const cut = id.indexOf('::');
  const file = cut === -1 ? id : id.slice(0, cut);
  const name = cut === -1 ? id : id.slice(cut + 2);
  const open = `  <testcase classname="${escaped(file)}" name="${escaped(name)}" time="${seconds.toFixed(4)}"`;
  switch (outcome) {
    case 'passed':
    case 'xpass':
      return `${open}/>`;
    case 'skipped':
    case 'xfail':
      return `${open}><skipped message="${outcome}">${escaped(message)}</skipped></testcase>`;
    case 'failed':
      return `${open}><failure message="failed">${escaped(message)}</failure></testcase>`;
    case 'error':
    case 'timeout':
    case 'crash':
    case 'missing':
    case 'collection_error':
      return `${open}><error message="${outcome}">${escaped(message)}</error></testcase>`;
  }
}

function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/gu, (character) =>
      (character.codePointAt(0) ?? 0) > 0xffff ? character : '\uFFFD',
    )
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** What pytest's own JUnit file says. */
export interface JunitCounts {
  /** Test cases of which no part failed, had an error or was skipped. */
  readonly passed: number;
  readonly cases: number;
}

/**
 * Counts the test cases of a JUnit file that pytest wrote, each name once; null where the text is none. Only a witness:
 * code under test runs in the process that writes it.
 */
export function junitCounts(xml: string): JunitCounts | null {
  if (!/<\/testsuite>(<\/testsuites>)?\s*$/.test(xml)) return null;
  const passed = new Map<string, boolean>();
  for (const [, attributes = '', closed, body = ''] of xml.matchAll(
    /<testcase\b((?:\s+[\w-]+="[^"]*")*)\s*(?:(\/)>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const name = `${attributeOf(attributes, 'classname')}\0${attributeOf(attributes, 'name')}`;
    const isPassed = closed !== undefined || !/<(?:failure|error|skipped)\b/.test(body);
    passed.set(name, isPassed && passed.get(name) !== false);
  }
  return { passed: [...passed.values()].filter(Boolean).length, cases: passed.size };
}

function attributeOf(attributes: string, name: string): string {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
}

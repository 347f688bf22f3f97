import * as z from 'zod';
import { ok, type Result } from '../model/result.ts';
import { askPython, type PythonQuestion } from './ask-python.ts';
import type { ExecutedLines } from './test-events.ts';
import type { SuiteFailure } from './test-suite.ts';

const texts = z.array(z.string());
const test = z.strictObject({ imports: texts, forbidden: texts, asserts: z.boolean(), text: z.string() });
const file = z.strictObject({ error: z.string().nullable(), tests: z.record(z.string(), test) });

/** What the source of one test says, and of all that runs with it in its file; `text` is a digest of what it does. */
export type InspectedTest = z.infer<typeof test>;
/** A test file: why it cannot be parsed, or its tests by name as in pytest's ids (`TestA::test_b`, no parameters). */
export type InspectedFile = z.infer<typeof file>;

/**
 * Parses test files of a tree; nothing of them is run.
 *
 * @param libraries import names that are looked for
 * @param generated folder of files that may load one another; null where each stands for itself
 */
export async function inspectTests(
  question: PythonQuestion,
  asked: {
    readonly files: readonly string[];
    readonly libraries: readonly string[];
    readonly pythonpath: readonly string[];
    readonly generated: string | null;
  },
): Promise<Result<Readonly<Record<string, InspectedFile>>, SuiteFailure>> {
  if (asked.files.length === 0) return ok({});
  const { files, libraries, pythonpath, generated } = asked;
  const request = { files: [...files], libraries: [...libraries], pythonpath: [...pythonpath], generated };
  return await askPython(question, 'inspect_tests.py', request, z.record(z.string(), file));
}

/** Of some lines by file those that Python makes an instruction of; files that do not compile have none. */
export async function executableLines(
  question: PythonQuestion,
  lines: ExecutedLines,
): Promise<Result<ExecutedLines, SuiteFailure>> {
  if (Object.keys(lines).length === 0) return ok({});
  const asked = Object.fromEntries(Object.entries(lines).map(([path, of]) => [path, [...of]]));
  const schema = z.record(z.string(), z.array(z.int()));
  return await askPython(question, 'executable_lines.py', { lines: asked }, schema);
}

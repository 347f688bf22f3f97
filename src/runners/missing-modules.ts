import * as z from 'zod';
import { ok, type Result } from '../model/result.ts';
import { askPython, type PythonQuestion } from './ask-python.ts';
import type { SuiteFailure } from './test-suite.ts';

/**
 * Loads files of a tree, each in a process of its own, and says of those that end with a module missing which it is.
 * Modules of the tree and of the libraries do not count as missing: without them the code is wrong, not the machine.
 */
export async function missingModules(
  question: PythonQuestion,
  asked: {
    readonly files: readonly string[];
    readonly pythonpath: readonly string[];
    readonly libraries: readonly string[];
  },
): Promise<Result<Readonly<Record<string, string>>, SuiteFailure>> {
  if (asked.files.length === 0) return ok({});
  const { files, pythonpath, libraries } = asked;
  const request = { files: [...files], pythonpath: [...pythonpath], libraries: [...libraries] };
  return await askPython(question, 'importable.py', request, z.record(z.string(), z.string()));
}

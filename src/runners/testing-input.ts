import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../model/json.ts';
import type { Library } from '../model/library.ts';
import { toYaml } from '../workspace/yaml.ts';
import { environmentDocument, libraryDocument, type ToldEnvironment } from './coding-input.ts';

/** Everything that `/input` says to a testing agent. Paths are those of its sandbox. */
export interface TestingInput {
  readonly mode: 'helper' | 'eval';
  readonly kind: 'swap' | 'upgrade';
  readonly source: readonly Library[];
  readonly target: readonly Library[];
  readonly environment: ToldEnvironment | null;
  readonly environmentWhy: string;
  readonly workspace: string;
  readonly output: string;
  /** Folder with `before/`, `after/`, `patch.diff` and `labels.json`; null in mode `helper`. */
  readonly groundTruth: string | null;
  readonly budget: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, Json>>;
}

/** `task.json` of a testing agent, version 1. */
export function testingDocument(input: TestingInput): Json {
  return {
    schema: 1,
    mode: input.mode,
    kind: input.kind,
    source: input.source.map(libraryDocument),
    target: input.target.map(libraryDocument),
    instructions: testingInstructions(input),
    workspace: input.workspace,
    output: input.output,
    ...environmentDocument(input.environment, input.environmentWhy),
    groundTruth: input.groundTruth,
    budget: { ...input.budget },
    parameters: { ...input.parameters },
  };
}

/** The task in words, for agents that take a prompt. */
export function testingInstructions({ mode, source, target, workspace, output, groundTruth }: TestingInput): string {
  const names = (libraries: readonly Library[]): string => libraries.map(({ name }) => name).join(' and ');
  const both = [...source, ...target].flatMap(({ importNames }) => importNames);
  const judged =
    mode === 'helper'
      ? `They must pass on the code as it is, and will help whoever migrates it.`
      : `They must pass on the code before (${groundTruth ?? ''}/before) and after the developers' own migration (${groundTruth ?? ''}/after), and fail where the migration is missing or wrong.`;
  return `The Python code in ${workspace} uses ${names(source)} and is to be migrated to ${names(target)}. Write pytest tests for the code that the migration concerns. ${judged}

Put them below ${output}/tests (test_*.py, with the files that they load) and say what you did in ${output}/manifest.json.
Tests see the behaviour of the repository's code alone: they import none of ${[...new Set(both)].join(', ')} and patch nothing of theirs.
No network, no clock, no absolute paths, no unseeded randomness; each test passes alone and in any order, and asserts something.
`;
} // prettier-ignore

/** Writes `/input`: `task.json`, `prompt.md`, `config.yaml`, and an empty `ground-truth` to mount at in mode `eval`. */
export function writeTestingInput(dir: string, input: TestingInput): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'task.json'), `${JSON.stringify(testingDocument(input), null, 2)}\n`);
  writeFileSync(path.join(dir, 'prompt.md'), testingInstructions(input));
  writeFileSync(path.join(dir, 'config.yaml'), toYaml(input.parameters));
  if (input.groundTruth !== null) mkdirSync(path.join(dir, 'ground-truth'));
}

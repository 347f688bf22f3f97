import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../model/json.ts';
import type { Library } from '../model/library.ts';
import { toYaml } from '../workspace/yaml.ts';

/** The environment as an agent is told of it; paths are those of its sandbox. */
export interface ToldEnvironment {
  readonly python: string;
  /** Interpreter of the environment before, where both libraries cannot live in one. */
  readonly oldPython: string | null;
  readonly version: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Arguments after the interpreter that run the repository's tests, and the folder they run in. */
  readonly testArguments: readonly string[];
  readonly testFolder: string;
  readonly pythonpath: readonly string[];
}

/** Everything that `/input` says. Nothing in it names the repository, the commit or the benchmark's id. */
export interface CodingInput {
  readonly kind: 'swap' | 'upgrade';
  readonly source: readonly Library[];
  readonly target: readonly Library[];
  readonly environment: ToldEnvironment | null;
  /** Why there is no environment; empty when there is one. */
  readonly environmentWhy: string;
  readonly helperTests: { readonly folder: string; readonly ids: readonly string[] };
  readonly workspace: string;
  readonly output: string;
  readonly budget: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, Json>>;
}

/** A library as every agent is told of it. */
export function libraryDocument({ name, version, constraint, importNames }: Library): Json {
  return { name, version, constraint, importNames: [...importNames] };
}

/** What every agent is told of where the code runs. */
export function environmentDocument(
  environment: ToldEnvironment | null,
  why: string,
): { [key: string]: Json } {
  if (environment === null) return { environment: null, environmentWhy: why, tests: null };
  const { python, oldPython, version, packages, pythonpath } = environment;
  return {
    environment: {
      python,
      oldPython,
      version,
      packages: packages.map((one) => ({ name: one.name, version: one.version })),
      pythonpath: [...pythonpath],
    },
    environmentWhy: why,
    tests: { command: [python, ...environment.testArguments], folder: environment.testFolder },
  };
}

/** `task.json`, version 1: what every agent may rely on. */
export function taskDocument(input: CodingInput): Json {
  return {
    schema: 1,
    kind: input.kind,
    source: input.source.map(libraryDocument),
    target: input.target.map(libraryDocument),
    instructions: instructions(input),
    workspace: input.workspace,
    output: input.output,
    ...environmentDocument(input.environment, input.environmentWhy),
    helperTests: { folder: input.helperTests.folder, ids: [...input.helperTests.ids] },
    budget: { ...input.budget },
  };
}

/** The task in words, for agents that take a prompt. */
export function instructions(input: CodingInput): string {
  const names = (libraries: readonly Library[]): string =>
    libraries
      .map(({ name, version, importNames }) => {
        const imports = importNames.join(', ');
        return `${name}${version === null ? '' : ` ${version}`}${imports === name ? '' : ` (imported as ${imports})`}`;
      })
      .join(' and ');
  const { environment } = input;
  const goal =
    input.kind === 'upgrade'
      ? `The Python code in ${input.workspace} was written for ${names(input.source)}. Change it so that it works with ${names(input.target)}, and no longer relies on what the new version removed.`
      : `The Python code in ${input.workspace} uses ${names(input.source)}. Migrate it to ${names(input.target)}: when you are done, the code must work where ${names(input.source)} cannot be imported.`;
  const checks =
    environment === null
      ? 'There is no environment to run the code in.'
      : `Run the tests with \`${[environment.python, ...environment.testArguments].join(' ')}\` in ${environment.testFolder}. There is no network, and nothing can be installed.`;
  const helpers =
    input.helperTests.ids.length === 0
      ? ''
      : `\nTests that pass before the migration and must pass after it lie in ${input.helperTests.folder}.`;
  return `${goal}

Change what the migration needs (code, requirements and configuration of the package) and nothing else. Keep behaviour, public names and style. Do not weaken or remove tests.
${checks}${helpers}
Your work is what the files in ${input.workspace} hold when you exit.
`;
}

/** Writes `/input`: `task.json`, `prompt.md`, `config.yaml` and `helper-tests/` (empty where there are none). */
export function writeInput(dir: string, input: CodingInput, helperTestsDir: string | null): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'task.json'), `${JSON.stringify(taskDocument(input), null, 2)}\n`);
  writeFileSync(path.join(dir, 'prompt.md'), instructions(input));
  writeFileSync(path.join(dir, 'config.yaml'), toYaml(input.parameters));
  const tests = path.join(dir, 'helper-tests');
  mkdirSync(tests);
  if (helperTestsDir !== null && existsSync(helperTestsDir)) {
    cpSync(helperTestsDir, tests, { recursive: true, verbatimSymlinks: true });
  }
}

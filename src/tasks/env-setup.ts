import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Interpreter } from '../environments/interpreters.ts';
import type { Workshop } from '../environments/workshop.ts';
import type { EnvironmentArtefact, RepoArtefact } from '../model/artefacts.ts';
import { environmentRecord, type EnvironmentRecord } from '../model/environment.ts';
import type { Failure } from '../model/failure.ts';
import type { Digest } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Migration } from '../model/migration.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import type { Limits, Runtime } from '../runtimes/runtime.ts';
import { digestJson } from '../workspace/disk.ts';

/** What a user configured for this repository beyond what the migration states. */
export interface EnvironmentOverrides {
  readonly python?: string | undefined;
  readonly date?: string | undefined;
  readonly requirements?: readonly string[] | undefined;
  readonly onlyRequirements?: boolean | undefined;
  readonly pythonpath?: readonly string[] | undefined;
  readonly tests?:
    | { readonly paths?: readonly string[] | undefined; readonly args?: readonly string[] | undefined }
    | undefined;
}

/** Plain values that the task is made from. */
export interface EnvSetupContext {
  readonly migration: Migration;
  /** Output folder of this unit and platform, below `storeDir`. */
  readonly outputDir: string;
  /** `data/envs`: uv's cache and all environments. */
  readonly storeDir: string;
  /** `data/cache`: tools, wheels, what is known of interpreters. */
  readonly cacheDir: string;
  /** Value of the parameter `runtime`. */
  readonly runtimeKind: 'docker' | 'local';
  /** `--runtime auto`: an environment of any runtime is accepted. */
  readonly acceptAnyRuntime: boolean;
  readonly runtime: () => Promise<Result<Runtime, Failure>>;
  /** In force for each step (resolving, building, installing). */
  readonly limits: Limits;
  /** Paths of interpreters that were configured. */
  readonly interpreters: readonly string[];
  readonly overrides: EnvironmentOverrides;
  readonly labels: Readonly<Record<string, string>>;
}

const CODE_VERSION = 1;
const RECORD = 'environment.json';

/** The node `env_setup`: environments for both trees of a migration, or why there are none. */
export function defineEnvSetup(context: EnvSetupContext): Task<EnvironmentArtefact> {
  const migration = overridden(context.migration, context.overrides);
  return {
    id: 'env_setup',
    unit: migration.id,
    variant: null,
    needs: [
      { task: 'repo_dl', port: 'before' },
      { task: 'repo_dl', port: 'after' },
    ],
    provides: [{ name: 'environment', visibility: 'public' }],
    codeVersion: CODE_VERSION,
    params: { runtime: context.runtimeKind, ...paramsOf(migration, context.overrides) },
    acceptsAny: context.acceptAnyRuntime ? ['runtime'] : [],
    inputFiles: [],
    knownPorts: {},
    outputDir: context.outputDir,
    shared: true,
    run: (work) => run(context, migration, work),
    load: loadEnvironment,
  };
}

/** The migration as the repository's configuration changes it. */
function overridden(migration: Migration, overrides: EnvironmentOverrides): Migration {
  const { requirements } = migration;
  return {
    ...migration,
    python: overrides.python ?? migration.python,
    date: overrides.date ?? migration.date,
    requirements: { ...requirements, both: [...requirements.both, ...(overrides.requirements ?? [])] },
    pythonpath: overrides.pythonpath ?? migration.pythonpath,
    tests: {
      paths: overrides.tests?.paths ?? migration.tests.paths,
      args: overrides.tests?.args ?? migration.tests.args,
    },
  };
}

function paramsOf(migration: Migration, overrides: EnvironmentOverrides): Record<string, Json> {
  const side = (libraries: Migration['source']): Json =>
    libraries.map(({ name, version, constraint, importNames }) => [
      name,
      version,
      constraint,
      [...importNames],
    ]);
  return {
    source: side(migration.source),
    target: side(migration.target),
    kind: migration.kind,
    date: migration.date,
    python: migration.python,
    requirements: {
      both: [...migration.requirements.both],
      before: [...migration.requirements.before],
      after: [...migration.requirements.after],
    },
    onlyRequirements: overrides.onlyRequirements ?? false,
    pythonpath: migration.pythonpath === null ? null : [...migration.pythonpath],
    tests: {
      paths: migration.tests.paths === null ? null : [...migration.tests.paths],
      args: [...migration.tests.args],
    },
    labelled: typeof migration.labels === 'string' ? [] : migration.labels.map((file) => file.path).sort(),
  };
}

async function run(
  context: EnvSetupContext,
  migration: Migration,
  work: TaskWork,
): Promise<Result<Completion, Failure>> {
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const [
    { findInterpreters },
    { makeEnvironments },
    { hostRegistry },
    { surveyTrees },
    { ensureLockedWheels, ensureTool },
  ] = await Promise.all([
    import('../environments/interpreters.ts'),
    import('../environments/make.ts'),
    import('../environments/registry.ts'),
    import('../environments/survey.ts'),
    import('../runners/tools.ts'),
  ]);
  const repo = work.artefact<RepoArtefact>('repo_dl');
  const runtime = await context.runtime();
  if (!runtime.ok) return runtime;
  const toolsDir = await ensureTool('uv', context.cacheDir);
  if (!toolsDir.ok) return toolsDir;
  work.progress('reading manifests');
  const found = await findInterpreters(context.cacheDir, context.interpreters);
  const survey = await surveyTrees(
    repo.dir,
    { before: repo.beforeTree, after: repo.afterTree },
    migration,
    found,
  );
  if (!survey.ok) return survey;
  mkdirSync(path.join(context.storeDir, '.uv-cache'), { recursive: true });
  const base = {
    runtime: runtime.value,
    limits: context.limits,
    labels: context.labels,
    signal: work.signal,
    toolsDir: toolsDir.value,
    registry: hostRegistry,
    storeDir: context.storeDir,
    outDir: work.dir,
    scratchDir: work.scratchDir,
    logDir: work.logDir,
    buildImage:
      runtime.value.kind === 'docker'
        ? async () => {
            const { ensureBuildImage } = await import('../runners/image.ts');
            return ensureBuildImage(runtime.value, {
              signal: work.signal,
              onProgress: (doing) => {
                work.progress(doing);
              },
            });
          }
        : null,
    progress: (doing: string) => {
      work.progress(doing);
    },
    limited: <T>(job: () => Promise<T>) => work.limited('container', job),
  };
  const interpreters = await atHand(
    found,
    runtime.value,
    (interpreter) => ({ ...base, interpreter }),
    context.cacheDir,
  );
  if (!interpreters.ok) return interpreters;
  const made = await makeEnvironments({
    migration,
    survey: survey.value,
    interpreters: interpreters.value,
    date: migration.date === null ? repo.date : fullInstant(migration.date),
    onlyStated: context.overrides.onlyRequirements ?? false,
    lockedWheels: () => ensureLockedWheels(context.cacheDir),
    workshop: (interpreter) => Promise.resolve(ok({ ...base, interpreter })),
    runtime: { kind: runtime.value.kind, base: runtime.value.base },
    tree: { repo: repo.dir, id: repo.beforeTree },
  });
  if (!made.ok) return made;
  return ok(finish(work, made.value));
}

/** A bare day means its end, in UTC: the installer would take it for another instant in each time zone. */
function fullInstant(date: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(date) ? `${date}T23:59:59Z` : date;
}

/** In containers the host's interpreters that can be mounted, and the image's own; else all of the host. */
async function atHand(
  found: readonly Interpreter[],
  runtime: Runtime,
  workshop: (interpreter: Interpreter) => Workshop,
  cacheDir: string,
): Promise<Result<Interpreter[], Failure>> {
  if (runtime.kind !== 'docker') return ok([...found]);
  const { imageInterpreter } = await import('../environments/image-interpreter.ts');
  return imageInterpreter(
    found.filter((one) => one.mount !== null),
    workshop,
    cacheDir,
  );
}

function finish(work: TaskWork, record: EnvironmentRecord): Completion {
  writeFileSync(path.join(work.dir, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  const locks = [...new Set(record.environments.map(({ lock }) => lock))].filter((lock) => lock !== '');
  const files = [RECORD, ...locks, ...(existsSync(path.join(work.dir, 'Dockerfile')) ? ['Dockerfile'] : [])];
  return {
    outcome: record.status,
    ports: { environment: environmentDigest(record) },
    files,
    ...(record.why === '' ? {} : { note: record.why }),
  };
}

/** Over what decides how code behaves: interpreter, versions and hashes, roles, block, how tests are run; never files or the runtime. */
export function environmentDigest(record: EnvironmentRecord): Digest {
  const { status, why, interpreter, roles, block, environments, source, target } = record;
  const { pythonpath, testsCwd, testPaths, testArgs } = record;
  const content = {
    status,
    why: status === 'ready' ? '' : why,
    interpreter: interpreter?.version ?? null,
    roles,
    block,
    environments: environments.map(({ folder, resolved }) => ({ folder, resolved })),
    source,
    target,
    pythonpath,
    testsCwd,
    testPaths,
    testArgs,
  };
  return digestJson(JSON.parse(JSON.stringify(content)) as Json);
}

/** Reads the record back; a made environment must still lie beside it. */
export function loadEnvironment(dir: string): Result<EnvironmentArtefact, string> {
  const file = path.join(dir, RECORD);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return fail(`${RECORD} is missing`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(`${RECORD} is not JSON`);
  }
  const parsed = environmentRecord.safeParse(value);
  if (!parsed.success) return fail(`${RECORD}: ${parsed.error.issues[0]?.message ?? 'does not fit'}`);
  const gone = parsed.data.environments.find(
    ({ folder }) => !existsSync(path.join(dir, folder, 'pyvenv.cfg')),
  );
  if (gone !== undefined) return fail(`the environment ${gone.folder} is missing`);
  return ok({ dir, record: parsed.data });
}

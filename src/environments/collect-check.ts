import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { ok, type Result } from '../model/result.ts';
import { EMPTY_FOLDER, mountEnvironment } from '../runners/environment.ts';
import { readPytestSettings } from '../runners/pytest-settings.ts';
import { runTestSuite } from '../runners/test-suite.ts';
import { exportTree, lsTree } from '../workspace/git.ts';
import { djangoSettings } from './django-settings.ts';
import type { Held } from './held.ts';
import type { Rung } from './ladder.ts';
import { NOTHING_MENDED, type Mended } from './mended.ts';
import { normaliseName, parseRequirements } from './requirement.ts';
import type { Survey } from './survey.ts';
import { readSymptoms, type Collected, type Mending } from './symptoms.ts';
import type { Workshop } from './workshop.ts';

/** What the check needs beside the environments. */
export interface CollectCheck {
  readonly workshop: Workshop;
  readonly rung: Rung;
  readonly migration: Migration;
  readonly survey: Survey;
  /** The tree before: git folder and object. */
  readonly tree: { readonly repo: string; readonly id: string };
  /** Only what was stated is installed. */
  readonly onlyStated: boolean;
  /** Makes the environments again with this; null where they do not hold then. */
  readonly remake: (mended: Mended) => Promise<Result<Held | null, Failure>>;
}

const MOST_ROUNDS = 3;
const WALL_MS = 180_000;
const FILE_SECONDS = 30;

/**
 * Collects the tests of the tree before in the made environment, without a network and without running any, and
 * mends what the errors ask for: at most three rounds, each recorded. A round that does not help is taken back.
 * Where the migration states how its tests are run, nothing is checked or changed.
 */
export async function checkCollection(check: CollectCheck, first: Held): Promise<Result<Held, Failure>> {
  const { workshop, migration } = check;
  if (statesTests(migration) || check.onlyStated) return ok(first);
  const listed = await lsTree(check.tree.repo, check.tree.id);
  if (!listed.ok) return listed;
  const dir = path.join(workshop.scratchDir, `collect-${check.rung.python}`);
  mkdirSync(dir, { recursive: true });
  const exported = await exportTree(check.tree.repo, check.tree.id, dir);
  if (!exported.ok) return exported;
  const files = listed.value.map((entry) => entry.path);
  const django = djangoSettings(files, dir);

  let best = first;
  let mended: Mended = NOTHING_MENDED;
  const tried = new Set(first.environments.flatMap(({ attempt }) => attempt.dropped.map(normaliseName)));
  let seen = await collect(check, best, mended, dir);
  if (!seen.ok) {
    // Wheels alone were installed: the environment is sound, and what runs the tests will say so itself.
    const notTried = seen.failure.reason === 'unsafe-local-needed';
    const notes = ['the tests were not collected: nothing holds foreign code here'];
    return notTried ? ok({ ...first, mended: { ...NOTHING_MENDED, notes } }) : seen;
  }
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const next = readSymptoms(seen.value, situationOf({ ...check, django }, best, mended, files, tried));
    for (const name of next.add) tried.add(name);
    if (next.args.length > 0) tried.add('pytest-django');
    if (next.steps.length === 0) {
      mended = { ...mended, notes: next.notes };
      break;
    }
    workshop.progress(`mending what collecting the tests said (${next.steps.length})`);
    const wanted = joined(mended, next);
    const again = await oneRound(check, wanted, next, best, dir);
    if (!again.ok) return again;
    const { held, collected } = again.value;
    if (held === null || collected === null || collected.tests < seen.value.tests) {
      const restored = needsRemake(next) ? await check.remake(mended) : ok(best);
      if (!restored.ok) return restored;
      const why = held === null ? 'it cannot be made' : 'fewer tests were collected';
      mended = {
        ...mended,
        notes: [...next.notes, ...next.steps.map((step) => `taken back (${why}): ${step}`)],
      };
      // what could be made a moment ago can be made again, unless the world changed: then the first word stands
      best = restored.value ?? best;
      break;
    }
    best = held;
    mended = { ...wanted, notes: next.notes };
    seen = ok(collected);
  }
  return ok({ ...best, mended: { ...mended, notes: [...mended.notes, ...floorNote(seen.value)] } });
}

/** Whether the migration states its test runner, or interpreter, import path and test paths together. */
function statesTests({ requirements, python, pythonpath, tests }: Migration): boolean {
  const stated = parseRequirements([...requirements.both, ...requirements.before]);
  return (
    stated.some(({ name }) => name === 'pytest') ||
    (python !== 'auto' && pythonpath !== null && tests.paths !== null)
  );
}

async function oneRound(
  check: CollectCheck,
  wanted: Mended,
  next: Mending,
  best: Held,
  dir: string,
): Promise<Result<{ held: Held | null; collected: Collected | null }, Failure>> {
  const made = needsRemake(next) ? await check.remake(wanted) : ok(best);
  if (!made.ok) return made;
  if (made.value === null) return ok({ held: null, collected: null });
  const collected = await collect(check, made.value, wanted, dir);
  return collected.ok ? ok({ held: made.value, collected: collected.value }) : collected;
}

const needsRemake = (next: Mending): boolean => next.add.length > 0 || next.pytest !== null;

function joined(mended: Mended, next: Mending): Mended {
  return {
    add: [...mended.add, ...parseRequirements(next.add)],
    pytest: next.pytest ?? mended.pytest,
    pythonpath: [...mended.pythonpath, ...next.pythonpath],
    cwd: next.cwd ?? mended.cwd,
    args: [...mended.args, ...next.args],
    steps: [...mended.steps, ...next.steps],
    notes: [],
  };
}

function situationOf(
  check: CollectCheck & Pick<Parameters<typeof readSymptoms>[1], 'django'>,
  held: Held,
  mended: Mended,
  files: readonly string[],
  tried: ReadonlySet<string>,
): Parameters<typeof readSymptoms>[1] {
  const { migration, survey, rung } = check;
  const all = [...held.installed.values()].flat();
  const asked = parseRequirements([
    ...survey.before.runtime,
    ...survey.before.test,
    ...survey.after.runtime,
    ...survey.after.test,
  ]);
  return {
    files,
    pythonpath: [...survey.pythonpath, ...mended.pythonpath],
    pathStated: migration.pythonpath !== null,
    installed: new Map(all.map(({ name, version }) => [name, version])),
    modules: new Set(all.flatMap(({ modules }) => modules)),
    libraries: [...migration.source, ...migration.target].flatMap(({ importNames }) => importNames),
    python: rung.python,
    date: rung.date,
    runnerStated:
      rung.pins === 'kept' && asked.some(({ name, specifier }) => name === 'pytest' && specifier !== ''),
    django: check.django,
    tried,
  };
}

/** One collection: every test is found and its fixtures are looked up; none is run. */
async function collect(
  check: CollectCheck,
  held: Held,
  mended: Mended,
  dir: string,
): Promise<Result<Collected, Failure>> {
  const { workshop, survey, migration } = check;
  const [environment] = held.environments;
  if (environment === undefined) throw new Error('no environment was made');
  workshop.progress('collecting the tests');
  mkdirSync(path.join(workshop.outDir, EMPTY_FOLDER), { recursive: true });
  const own = migration.tests.paths !== null || migration.tests.args.length > 0;
  const run = await workshop.limited(() =>
    runTestSuite({
      runtime: workshop.runtime,
      tree: dir,
      environment: mountEnvironment({ dir: workshop.outDir }, environment.role, workshop.runtime),
      block: null,
      paths: migration.tests.paths ?? survey.tests.paths,
      ids: null,
      args: [...(own ? migration.tests.args : survey.tests.args), ...mended.args, '--setup-plan'],
      cwd: mended.cwd ?? '.',
      pythonpath: [...survey.pythonpath, ...mended.pythonpath],
      settings: readPytestSettings(dir),
      trace: null,
      order: 'file',
      limits: { ...workshop.limits, wallMs: Math.min(workshop.limits.wallMs, WALL_MS) },
      testSeconds: FILE_SECONDS,
      fileSeconds: FILE_SECONDS,
      labels: workshop.labels,
      scratchDir: workshop.scratchDir,
      logDir: workshop.logDir,
      name: 'collect',
      signal: workshop.signal,
    }),
  );
  if (run.ok) {
    const { tests, collectionErrors, messages } = run.value;
    return ok({ tests: Object.keys(tests).length, errors: collectionErrors, messages });
  }
  if (run.failure.reason !== 'runner-broken') return run;
  return ok({ tests: 0, errors: [{ file: '', message: run.failure.detail }], messages: {} });
}

/** An environment is sound where at least half of the test files can be collected. */
function floorNote({ tests, errors }: Collected): string[] {
  const broken = new Set(errors.map(({ file }) => file)).size;
  if (broken === 0) return tests === 0 ? ['no test is collected'] : [];
  const [first] = errors;
  const said = first?.message.trim().split('\n').at(-1)?.slice(0, 160) ?? '';
  return [`${tests} tests are collected, ${broken} files are not: ${first?.file ?? ''}: ${said}`];
}

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Mount } from '../runtimes/runtime.ts';
import { removeTree, sha256File } from '../workspace/disk.ts';
import type { Attempt } from './attempt.ts';
import { lacksCompiler, runBuild, type BuildEnd } from './compilers.ts';
import { interpreterMounts, type Step } from './workshop.ts';
import { lineOf, type Interpreter } from './interpreters.ts';
import type { Rung } from './ladder.ts';
import type { LockedDistribution } from './lock.ts';
import type { EnvironmentPlan } from './plan.ts';
import { isDated } from './python2-dating.ts';
import { blamedByPip, pip20Error } from './python2-errors.ts';
import { isOlder, wheelsIn, type BuiltWheel } from './python2-wheels.ts';
import { causeOf } from './repair.ts';
import { normaliseName, requirementText, type Requirement } from './requirement.ts';
import { broken, outsideReason } from './resolve.ts';
import {
  BUILD,
  inStore,
  quoted,
  runStep,
  seen,
  storeMount,
  type StepEnd,
  type Workshop,
} from './workshop.ts';

/** Newest releases that make and fill a 2.7 environment. */
const MAKERS = ['virtualenv==20.21.1', 'pip==20.3.4'];
const PYTEST = 'pytest==4.6.11';
const MOST_ROUNDS = 30;
const WITH_COMPILERS = 'built with compilers';

/**
 * A 2.7 environment: virtualenv and pip 20.3 resolve and build in a private folder, uv on a Python 3 says which
 * version of each name was newest at the date (constraints), and wheels alone are installed in the end.
 */
export async function makeOnPython2(
  workshop: Workshop,
  rung: Rung,
  plan: EnvironmentPlan,
  interpreters: readonly Interpreter[],
): Promise<Result<Attempt, Failure>> {
  const helper = [...interpreters]
    .reverse()
    .find((one) => /^3\.(7|8|9|10|11)\./.test(one.version) && one.origin !== 'image');
  const repairs: string[] = [];
  const dropped: string[] = [];
  const end = (made: Attempt['made'], why: string): Result<Attempt, Failure> =>
    ok({ made, why, conflict: false, repairs, dropped });
  if (helper === undefined)
    return end(null, 'Python 2.7 needs a Python 3.7 to 3.11 beside it to make environments');
  const two: Two = { workshop, helper, dir: path.join(workshop.scratchDir, 'build') };
  mkdirSync(path.join(two.dir, 'wheels'), { recursive: true });
  const prepared = await prepare(two);
  if (!prepared.ok) return prepared;
  if (prepared.value !== null) return end(null, prepared.value);

  let requirements: readonly Requirement[] = plan.requirements.map((one) =>
    one.name === 'pytest' && one.specifier === '' ? { ...one, specifier: '==4.6.11' } : one,
  );
  const constraints = new Map<string, string>();
  const dated = await newestAt(
    two,
    rung,
    requirements.filter(({ specifier }) => !specifier.includes('==')),
  );
  if (!dated.ok) return dated;
  for (const [name, version] of dated.value) if (isDated(name, plan)) constraints.set(name, version);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const built = await buildWheels(two, requirements, constraints);
    if (!built.ok) return built;
    const { exit, err, out, log } = built.value;
    if (exit.code !== 0) {
      const text = `${out}\n${err}`;
      const outside = outsideReason(text);
      if (outside !== null) return fail(broken('resolving', outside, log));
      const blamed = blamedByPip(text);
      const constrained = blamed.find((name) => constraints.has(name));
      if (constrained !== undefined) {
        constraints.delete(constrained);
        repairs.push(`lifted the date of ${constrained} to now`);
        continue;
      }
      const pinned = blamed.find(
        (name) =>
          requirements.some((one) => one.name === name && one.specifier !== '') && !plan.fixed.has(name),
      );
      if (pinned !== undefined) {
        requirements = requirements.map((one) => (one.name === pinned ? { ...one, specifier: '' } : one));
        repairs.push(`unpinned ${pinned}: ${pip20Error(text)}`);
        continue;
      }
      const free = blamed.find(
        (name) =>
          requirements.some((one) => one.name === name) && !plan.kept.has(name) && !plan.fixed.has(name),
      );
      if (free === undefined) return end(null, pip20Error(text));
      requirements = requirements.filter((one) => one.name !== free);
      dropped.push(free);
      repairs.push(`dropped ${free}: ${pip20Error(text)}`);
      continue;
    }
    if (built.value.compiled && !repairs.includes(WITH_COMPILERS)) repairs.push(WITH_COMPILERS);
    const wheels = wheelsIn(path.join(two.dir, 'wheels'));
    const late = await lateOnes(two, rung, wheels, constraints, plan);
    if (!late.ok) return late;
    if (late.value.size > 0 && round < MOST_ROUNDS - 1) {
      for (const [name, version] of late.value) constraints.set(name, version);
      repairs.push(`taken back to the date: ${[...late.value].map((pair) => pair.join('==')).join(', ')}`);
      continue;
    }
    return installTwo(two, plan, wheels, end);
  }
  return end(null, `${MOST_ROUNDS} repairs were not enough`);
}

interface Two {
  readonly workshop: Workshop;
  readonly helper: Interpreter;
  /** Private folder, seen at `BUILD`. */
  readonly dir: string;
}

/** A step that also sees the Python 3 beside. */
function step(
  two: Two,
  name: string,
  script: string,
  network: Step['network'],
  more: readonly Mount[] = [],
): Promise<Result<StepEnd, Failure>> {
  return runStep(two.workshop, stepOf(two, name, script, network, more));
}

function stepOf(
  two: Two,
  name: string,
  script: string,
  network: Step['network'],
  more: readonly Mount[] = [],
): Step {
  const mounts: Mount[] = [
    ...interpreterMounts(two.helper),
    { host: two.dir, at: BUILD, mode: 'rw' },
    ...more,
  ];
  const at = seen(two.workshop, mounts, BUILD);
  return {
    name,
    script: `cd '${at}'\n${script}`,
    mounts,
    network,
    foreign: true,
    env: { HELPER: two.helper.executable, HOME: at, TMPDIR: at, PIP_CACHE_DIR: `${at}/pip-cache` },
  };
}

async function prepare(two: Two): Promise<Result<string | null, Failure>> {
  two.workshop.progress('making a Python 2.7 environment');
  const script = [
    'set -e',
    '"$UV" venv --cache-dir=cache --quiet --python="$HELPER" maker',
    `"$UV" pip install --cache-dir=cache --quiet --python=maker/bin/python ${quoted(MAKERS.slice(0, 1))}`,
    'maker/bin/python -m virtualenv --quiet --no-download --pip=20.3.4 --python="$PY" two',
    'two/bin/python -m pip --version',
  ].join('\n');
  const made = await step(two, 'python2', script, 'registries');
  if (!made.ok) return made;
  if (made.value.exit.code === 0) return ok(null);
  const outside = outsideReason(made.value.err);
  if (outside !== null) return fail(broken('making a Python 2.7 environment', outside, made.value.log));
  return ok(causeOf(made.value.err));
}

/** The date oracle: the newest version of each name at the date, without its dependencies and without building. */
async function newestAt(
  two: Two,
  rung: Rung,
  asked: readonly Requirement[],
): Promise<Result<Map<string, string>, Failure>> {
  const found = new Map<string, string>();
  if (rung.date === null || asked.length === 0) return ok(found);
  const script = asked
    .map((one) => {
      const text = requirementText({ ...one, extras: [], marker: '' });
      return `echo ${quoted([text])} | "$UV" pip compile - --cache-dir=cache --no-deps --quiet --no-header --no-annotate --exclude-newer=${rung.date ?? ''} --python-version=2.7 --python="$HELPER" 2>/dev/null || true`;
    })
    .join('\n');
  const ended = await step(two, 'date-oracle', script.replaceAll(' --python-version=2.7', ''), 'registries');
  if (!ended.ok) return ended;
  for (const line of ended.value.out.split('\n')) {
    const pin = /^([A-Za-z0-9._-]+)==(\S+)/.exec(line);
    if (pin !== null) found.set(normaliseName(pin[1] ?? ''), pin[2] ?? '');
  }
  return ok(found);
}

function buildWheels(
  two: Two,
  requirements: readonly Requirement[],
  constraints: ReadonlyMap<string, string>,
): Promise<Result<BuildEnd, Failure>> {
  removeTree(path.join(two.dir, 'wheels'));
  mkdirSync(path.join(two.dir, 'wheels'));
  const hasRunner = requirements.some(({ name }) => name === 'pytest');
  const lines = [...requirements.map(requirementText), ...(hasRunner ? [] : [PYTEST])];
  writeFileSync(path.join(two.dir, 'wanted.txt'), `${lines.join('\n')}\n`);
  const pins = [...constraints].map(([name, version]) => `${name}==${version}`);
  writeFileSync(path.join(two.dir, 'constraints.txt'), `${pins.join('\n')}\n`);
  two.workshop.progress(`building ${requirements.length} requirements for Python 2.7`);
  return runBuild(
    two.workshop,
    stepOf(
      two,
      'wheels-python2',
      'two/bin/python -m pip wheel --wheel-dir wheels -r wanted.txt -c constraints.txt',
      'registries',
    ),
    ({ exit, out, err }) => exit.code !== 0 && lacksCompiler(`${out}\n${err}`),
  );
}

/** Everything that got installed is asked for and, where it is younger than the date, taken back to its version of the date. */
async function lateOnes(
  two: Two,
  rung: Rung,
  wheels: readonly BuiltWheel[],
  constraints: ReadonlyMap<string, string>,
  plan: EnvironmentPlan,
): Promise<Result<Map<string, string>, Failure>> {
  const open = wheels.filter(
    ({ name }) => !constraints.has(name) && isDated(name, plan) && !plan.fixed.has(name),
  );
  const asked = open.map(({ name }) => ({ name, extras: [], specifier: '', marker: '' }));
  const newest = await newestAt(two, rung, asked);
  if (!newest.ok) return newest;
  const late = new Map<string, string>();
  for (const { name, version } of open) {
    const of = newest.value.get(name);
    const pinned = plan.requirements.some((one) => one.name === name && one.specifier.includes('=='));
    if (of !== undefined && of !== version && !pinned && isOlder(of, version)) late.set(name, of);
  }
  return ok(late);
}

/** Installs the wheels into an environment of the output folder: no code of a package runs. */
async function installTwo(
  two: Two,
  plan: EnvironmentPlan,
  wheels: readonly BuiltWheel[],
  end: (made: Attempt['made'], why: string) => Result<Attempt, Failure>,
): Promise<Result<Attempt, Failure>> {
  const { workshop } = two;
  workshop.progress(`installing ${wheels.length} packages`);
  const store = storeMount(workshop);
  const out = `${inStore(workshop, workshop.outDir)}/${plan.role}`;
  const packages = `lib/python${lineOf(workshop.interpreter)}/site-packages`;
  const script = [
    'set -e',
    `maker/bin/python -m virtualenv --quiet --no-download --pip=20.3.4 --no-setuptools --no-wheel --python="$PY" '${out}'`,
    `'${out}/bin/python' -m pip install --quiet --no-index --no-deps --no-compile wheels/*.whl`,
    `'${out}/bin/python' -m pip uninstall --quiet --yes pip`,
    `"$PY" -S -E -m compileall -q -d '/env/${packages}' '${out}/${packages}' >/dev/null 2>&1 || true`,
  ].join('\n');
  const installed = await step(two, `install-${plan.role}`, script, 'none', [store]);
  if (!installed.ok) return installed;
  if (installed.value.exit.code !== 0) return end(null, causeOf(installed.value.err));
  const distributions: LockedDistribution[] = wheels.map(({ name, version, filename }) => ({
    name,
    version,
    sdist: null,
    wheels: [
      { at: filename, kind: 'path', filename, sha256: sha256File(path.join(two.dir, 'wheels', filename)) },
    ],
  }));
  const lock = `requirements.${plan.role}.txt`;
  const lines = distributions.map(({ name, version }) => `${name}==${version}`);
  writeFileSync(path.join(workshop.outDir, lock), `${lines.join('\n')}\n`);
  return end({ distributions, lock }, '');
}

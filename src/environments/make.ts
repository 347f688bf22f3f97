import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EnvironmentRecord } from '../model/environment.ts';
import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { ok, type Result } from '../model/result.ts';
import { EMPTY_FOLDER } from '../runners/environment.ts';
import { toolsLock } from '../runners/tools.ts';
import { removeTree } from '../workspace/disk.ts';
import { chooseInterpreters } from './choose-interpreter.ts';
import { checkCollection } from './collect-check.ts';
import { dockerfileOf, HEADERS } from './dockerfile.ts';
import { treeNotes } from './generated.ts';
import type { Held } from './held.ts';
import { confirmedNames, readInstalled, sitePackages, type InstalledDistribution } from './installed.ts';
import { lineOf } from './interpreters.ts';
import { ladderOf, type Rung } from './ladder.ts';
import { hashesOf } from './lock.ts';
import type { MakeInput } from './make-input.ts';
import { makeWay } from './make-way.ts';
import { NOTHING_MENDED, type Mended } from './mended.ts';
import { writeMetadata } from './metadata.ts';
import { rolesOf } from './plan.ts';
import { distributionOf, type EnvironmentRole } from './requirements.ts';
import { buildConstraints } from './resolve.ts';
import { separate } from './separate.ts';
import type { Workshop } from './workshop.ts';

/**
 * Makes the environments of one migration: rung after rung until one holds. `refused` where no interpreter
 * suits, `failed` where no rung holds; a failure is the world's doing alone.
 */
export async function makeEnvironments(input: MakeInput): Promise<Result<EnvironmentRecord, Failure>> {
  const started = Date.now();
  const { migration, survey } = input;
  const atHand = input.interpreters.map(lineOf);
  const choices = chooseInterpreters(migration.python, survey.declared, survey.syntax, input.date, atHand);
  const rungs = ladderOf(choices, migration.python !== 'auto', input.date, atHand);
  const blank = blankRecord(input);
  if (rungs.length === 0) {
    const wanted = migration.python === 'auto' ? 'that suits the code' : migration.python;
    const why = `no Python ${wanted} at hand (at hand: ${atHand.join(', ') || 'none'})`;
    return ok({ ...blank, status: 'refused', why, seconds: since(started) });
  }
  const ladder: EnvironmentRecord['ladder'] = [];
  for (const rung of rungs) {
    const interpreter = input.interpreters.find((one) => lineOf(one) === rung.python);
    if (interpreter === undefined) continue;
    const workshop = await input.workshop(interpreter);
    if (!workshop.ok) return workshop;
    const tried = await tryRung(workshop.value, input, rung, ladder);
    if (!tried.ok) return tried;
    if (tried.value !== null) {
      const record = complete(workshop.value, input, rung, tried.value);
      return ok({ ...record, ladder, seconds: since(started) });
    }
  }
  const last = ladder.at(-1);
  const why = last === undefined ? 'nothing could be tried' : `${last.name}: ${last.why}`;
  return ok({ ...blank, status: 'failed', why, ladder, seconds: since(started) });
}

const since = (started: number): number => Math.round((Date.now() - started) / 100) / 10;

function blankRecord(input: MakeInput): EnvironmentRecord {
  const { migration, survey } = input;
  const library = (one: Migration['source'][number]): EnvironmentRecord['source'][number] => ({
    name: one.name,
    version: one.version,
    provenance: one.provenance,
    importNames: [...one.importNames],
  });
  const own = migration.tests.paths !== null || migration.tests.args.length > 0;
  return {
    status: 'failed',
    why: '',
    runtime: input.runtime.kind,
    base: input.runtime.base,
    interpreter: null,
    date: null,
    roles: null,
    environments: [],
    block: 'none',
    source: migration.source.map(library),
    target: migration.target.map(library),
    pythonpath: [...survey.pythonpath],
    metadata: null,
    testsCwd: '.',
    testPaths: [...(migration.tests.paths ?? survey.tests.paths)],
    testArgs: [...(own ? migration.tests.args : survey.tests.args)],
    ladder: [],
    dropped: [],
    seconds: 0,
  };
}

/** Both libraries in one environment where they can live together, else one for each side. */
async function tryRung(
  workshop: Workshop,
  input: MakeInput,
  rung: Rung,
  ladder: EnvironmentRecord['ladder'],
): Promise<Result<Held | null, Failure>> {
  const ways: (readonly EnvironmentRole[])[] = [rolesOf(input.migration)];
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const roles = way;
    const made = await makeWay(workshop, input, rung, roles, NOTHING_MENDED);
    if (!made.ok) return made;
    const { held, why } = made.value;
    if (made.value.conflict) ways.push(['a', 'b']);
    if (why === '') {
      const remake = async (mended: Mended): Promise<Result<Held | null, Failure>> => {
        for (const role of roles) removeTree(path.join(workshop.outDir, role));
        const again = await makeWay(workshop, input, rung, roles, mended);
        return again.ok ? ok(again.value.why === '' ? again.value.held : null) : again;
      };
      const checked = await checkCollection({ ...input, workshop, rung, remake }, held);
      if (!checked.ok) return checked;
      ladder.push(rungOf(rung, workshop, true, rung.why, checked.value, treeNotes(input.survey)));
      return ok(checked.value);
    }
    ladder.push(rungOf(rung, workshop, false, why, held, []));
    for (const { role } of held.environments) removeTree(path.join(workshop.outDir, role));
  }
  return ok(null);
}

function rungOf(
  rung: Rung,
  workshop: Workshop,
  held: boolean,
  why: string,
  all: Held,
  notes: readonly string[],
): EnvironmentRecord['ladder'][number] {
  const repairs = all.environments.flatMap(({ attempt }) => attempt.repairs);
  return {
    name: rung.name,
    interpreter: workshop.interpreter.version,
    held,
    why,
    repairs: [...new Set([...repairs, ...all.mended.steps, ...all.mended.notes, ...notes])],
  };
}

/** What follows on a rung that held: the layer of the block, metadata, locks, Dockerfile, the record. */
function complete(workshop: Workshop, input: MakeInput, rung: Rung, held: Held): EnvironmentRecord {
  const { migration, survey } = input;
  mkdirSync(path.join(workshop.outDir, EMPTY_FOLDER), { recursive: true });
  const { roles, block, folders } = separate(workshop, migration, survey, held, rung);
  let metadata: string | null = null;
  if (!survey.ownMetadata) {
    for (const folder of folders) {
      const packages = sitePackages(path.join(workshop.outDir, folder), rung.python);
      const written = writeMetadata(packages, survey.before);
      if (written !== null) metadata = path.relative(workshop.outDir, path.join(packages, written));
    }
  }
  const environments = folders.map((folder) => {
    const from = held.environments.find(({ role }) => role === folder) ?? held.environments[0];
    const packages = readInstalled(
      sitePackages(path.join(workshop.outDir, folder), rung.python),
      rung.python,
    );
    const locked = from?.attempt.made?.distributions ?? [];
    return {
      folder,
      resolved: packages.map(({ name, version }) => {
        const one = locked.find((other) => other.name === name);
        return { name, version, hashes: one === undefined ? [] : hashesOf(one) };
      }),
      lock: from?.attempt.made?.lock ?? '',
    };
  });
  const dockerfile = dockerfileOf({
    pythonVersion: workshop.interpreter.version,
    uvVersion: toolsLock().tools.uv.version,
    environments: held.environments.map(({ role, attempt }) => ({
      folder: role,
      lock: attempt.made?.lock ?? '',
    })),
    buildConstraints: buildConstraints(rung.date, rung.python),
    headers: held.environments.some(({ attempt }) =>
      attempt.made?.distributions.some((one) => one.wheels.length === 0),
    )
      ? HEADERS
      : [],
  });
  writeFileSync(path.join(workshop.outDir, 'Dockerfile'), dockerfile);
  const [first] = held.environments;
  const a = held.installed.get(first?.role ?? 'ab') ?? [];
  const b = held.installed.get(held.environments.at(-1)?.role ?? 'ab') ?? [];
  return {
    ...blankRecord(input),
    status: 'ready',
    interpreter: {
      version: workshop.interpreter.version,
      origin: workshop.interpreter.origin,
      why: rung.why,
    },
    date: rung.date,
    roles,
    environments,
    block,
    source: migration.source.map((one) => foundLibrary(one, a)),
    target: migration.target.map((one) => foundLibrary(one, b)),
    metadata,
    pythonpath: [...survey.pythonpath, ...held.mended.pythonpath],
    testsCwd: held.mended.cwd ?? '.',
    testArgs: [...blankRecord(input).testArgs, ...held.mended.args],
    dropped: [...new Set(held.environments.flatMap(({ attempt }) => attempt.dropped))],
  };
}

function foundLibrary(
  library: Migration['source'][number],
  installed: readonly InstalledDistribution[],
): EnvironmentRecord['source'][number] {
  const name = distributionOf(library);
  const found = installed.find((one) => one.name === name);
  const stated = library.version !== null && library.provenance !== 'unknown';
  return {
    name: library.name,
    version: found?.version ?? library.version,
    provenance:
      name === null ? 'stdlib' : stated ? library.provenance : found === undefined ? 'unknown' : 'installed',
    importNames: [...confirmedNames(library.importNames, found)],
  };
}

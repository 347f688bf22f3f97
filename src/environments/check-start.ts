import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Mount } from '../runtimes/runtime.ts';
import { packageRoot } from '../workspace/package-root.ts';
import type { Held } from './held.ts';
import { confirmedNames } from './installed.ts';
import { distributionOf, type EnvironmentRole } from './requirements.ts';
import { broken } from './resolve.ts';
import { interpreterMounts, quoted, runStep, seen, type Workshop } from './workshop.ts';

const MARKER = 'probe-of-environment ';

/**
 * Starts every environment once as it will be used (read-only, no network) and imports what it is made for:
 * the test runner, A, B. Null when all hold and the interpreter is the recorded one; else what does not.
 */
export async function checkStart(
  workshop: Workshop,
  migration: Migration,
  held: Held,
): Promise<Result<string | null, Failure>> {
  workshop.progress('checking that it starts');
  const started = held.environments.map(({ role }) => {
    const installed = held.installed.get(role) ?? [];
    const libraries = [...(role === 'b' ? [] : migration.source), ...(role === 'a' ? [] : migration.target)];
    const names = libraries.map((library) => {
      const distribution = distributionOf(library);
      return confirmedNames(
        library.importNames,
        installed.find((one) => one.name === distribution),
      );
    });
    return startOne(workshop, role, [['pytest'], ...names]);
  });
  const ended = await Promise.all(started);
  return ended.find((one) => !one.ok) ?? ended.find((one) => one.ok && one.value !== null) ?? ok(null);
}

async function startOne(
  workshop: Workshop,
  role: EnvironmentRole,
  /** Of each group one name must import: a library may go by another name on another interpreter. */
  groups: readonly (readonly string[])[],
): Promise<Result<string | null, Failure>> {
  const mounts: Mount[] = [
    { host: path.join(workshop.outDir, role), at: '/env', mode: 'ro' },
    {
      host: path.join(packageRoot(), 'src', 'runners', 'python', 'probe_environment.py'),
      at: '/probe.py',
      mode: 'ro',
    },
  ];
  const all = [...interpreterMounts(workshop.interpreter), ...mounts];
  const python = `${seen(workshop, all, '/env')}/bin/python`;
  const ended = await runStep(workshop, {
    name: `start-${role}`,
    script: quoted([python, '-s', seen(workshop, all, '/probe.py'), ...new Set(groups.flat())]),
    mounts,
    network: 'none',
    foreign: false,
  });
  if (!ended.ok) return ended;
  const { out, err, exit, log } = ended.value;
  const line = out.split('\n').find((one) => one.startsWith(MARKER));
  if (line === undefined) {
    if (exit.ended === 'killed') return fail(broken('starting', 'it was killed', log));
    return ok(
      `the environment does not start (${exit.ended}, ${exit.code ?? 'no exit code'}): ${err.slice(-300)}`,
    );
  }
  const answer = JSON.parse(line.slice(MARKER.length)) as {
    version: string;
    imports: Record<string, string>;
  };
  if (answer.version !== workshop.interpreter.version) {
    return ok(`it starts Python ${answer.version} instead of ${workshop.interpreter.version}`);
  }
  const failed = groups.find((names) => names.every((name) => answer.imports[name] !== ''));
  const [first] = failed ?? [];
  return ok(first === undefined ? null : `import ${first}: ${answer.imports[first] ?? 'not tried'}`);
}

import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Mount } from '../runtimes/runtime.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { lineOf } from './interpreters.ts';
import { wheelsLock, type LockedDistribution } from './lock.ts';
import { broken, outsideReason } from './resolve.ts';
import { inStore, quoted, runStep, seen, storeMount, type Workshop } from './workshop.ts';

const COMPILE = path.join(packageRoot(), 'src', 'runners', 'python', 'compile_environment.py');

/** How an installation ended: the folder is there, or the installer's own words. */
export type Installed = { readonly held: true } | { readonly held: false; readonly error: string };

/**
 * Makes the relocatable environment `folder` below the output folder from wheels alone: no code of a package
 * runs, so this step may have the store. Bytecode is compiled by the bare interpreter for the fixed path, once a
 * distribution and store.
 */
export async function install(
  workshop: Workshop,
  folder: string,
  distributions: readonly LockedDistribution[],
  wheelsDir: string | null,
): Promise<Result<Installed, Failure>> {
  workshop.progress(`installing ${distributions.length} packages`);
  const line = lineOf(workshop.interpreter);
  const lock = path.join(workshop.scratchDir, `pylock.install-${folder}.toml`);
  const mounts: Mount[] = [storeMount(workshop), { host: COMPILE, at: '/compile.py', mode: 'ro' }];
  if (wheelsDir !== null) mounts.push({ host: wheelsDir, at: '/wheels', mode: 'ro' });
  const wheelsAt = seen(workshop, mounts, '/wheels');
  const placed = distributions.map((one) => ({
    ...one,
    wheels: one.wheels.map((wheel) =>
      wheelsDir === null || wheel.kind === 'url' ? wheel : { ...wheel, at: `${wheelsAt}/${wheel.filename}` },
    ),
  }));
  writeFileSync(lock, wheelsLock(placed, `>=${line}`));
  const scratch = inStore(workshop, workshop.scratchDir);
  const out = `${inStore(workshop, workshop.outDir)}/${folder}`;
  const bytecode = `${inStore(workshop, workshop.storeDir)}/.bytecode`;
  const cache = `--cache-dir=${inStore(workshop, workshop.storeDir)}/.uv-cache`;
  const offline = wheelsDir === null ? [] : ['--offline', '--no-index'];
  const pip = ['pip', 'install', cache, `--python=${out}/bin/python`, '--no-build', '--no-deps', ...offline];
  const packages = `lib/python${line}/site-packages`;
  const script = [
    'set -e',
    `"$UV" ${quoted(['venv', cache, '--quiet', '--relocatable', '--no-project', out])} --python="$PY"`,
    `"$UV" ${quoted([...pip, '-r', `${scratch}/${path.basename(lock)}`])}`,
    `"$PY" -I -S ${quoted([seen(workshop, mounts, '/compile.py'), `${out}/${packages}`, `/env/${packages}`, bytecode])} || echo 'no bytecode was compiled' >&2`,
  ].join('\n');
  const ended = await runStep(workshop, {
    name: `install-${folder}`,
    script,
    mounts,
    network: wheelsDir === null ? 'registries' : 'none',
    foreign: false,
  });
  if (!ended.ok) return ended;
  const { exit, err, log } = ended.value;
  if (exit.code === 0 && existsSync(path.join(workshop.outDir, folder, 'pyvenv.cfg')))
    return ok({ held: true });
  const outside = outsideReason(err);
  if (outside !== null) return fail(broken('installing', outside, log));
  return ok({
    held: false,
    error: exit.ended === 'exited' ? err.slice(-8000) : `ended by its limit: ${exit.ended}`,
  });
}

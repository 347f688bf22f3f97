import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { bubblewrapWorks, runBubblewrap } from './bubblewrap.ts';
import { removeDeadCgroups } from './cgroup.ts';
import { removeDeadRunFolders } from './local-run.ts';
import { findPython, hostPath, runProcess } from './process.ts';
import type { Runtime, RunSpec } from './runtime.ts';

/**
 * Commands on this machine without an engine: in bubblewrap's namespaces where it works, else as plain processes.
 * `isolation` asks for one of the two (default: the stronger one that works).
 */
export function createLocalRuntime(request: {
  readonly platform: string;
  /** The system's name, such as `debian-12`. */
  readonly base: string;
  readonly unsafeLocal: boolean;
  readonly isolation?: 'bubblewrap' | 'process';
}): Result<Runtime, RuntimeFailure> {
  const bubblewrap = request.isolation !== 'process' && bubblewrapWorks();
  if (!bubblewrap && request.isolation === 'bubblewrap')
    return fail({
      class: 'infra',
      reason: 'sandbox-unusable',
      needs: 'bubblewrap',
      detail: 'bwrap cannot make namespaces here',
    });
  if (!bubblewrap && findPython() === null)
    return fail({
      class: 'infra',
      reason: 'sandbox-unusable',
      needs: 'python3',
      detail: 'there is no python3 on PATH',
    });
  const runPlain: Runtime['run'] = (spec: RunSpec) =>
    spec.foreign && !request.unsafeLocal
      ? Promise.resolve(fail({ class: 'config', reason: 'unsafe-local-needed', role: spec.role }))
      : runProcess(spec);
  return ok({
    kind: 'local',
    isolation: bubblewrap ? 'bubblewrap' : 'process',
    platform: request.platform,
    base: request.base,
    run: bubblewrap ? runBubblewrap : runPlain,
    pathOf: bubblewrap ? (_mounts, at) => at : hostPath,
    removeOrphans: () => Promise.resolve(ok([...removeDeadCgroups(), ...removeDeadRunFolders()])),
  });
}

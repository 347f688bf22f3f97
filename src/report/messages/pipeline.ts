import type { Failure } from '../../model/failure.ts';

export function wordPipelineFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'unit-busy':
      return `${failure.folder} is being made by process ${failure.pid} on ${failure.host} since ${failure.since}: wait for it (--wait SECONDS) or run another unit or variant`;
    case 'data-folder-unusable':
      return `the data folder cannot be used: ${failure.folder}: ${failure.detail}: free some space, mend its permissions, or choose another with --data-dir`;
    case 'lock-lost':
      return `the lock of ${failure.folder} was taken by another process while the task was running (did this machine sleep?): its work was dropped, run again`;
    case 'needs-changed':
      return `${failure.ports.join(', ')} changed while ${failure.task} was running: its work was dropped, run again`;
    case 'task-unknown':
      return `there is no task "${failure.name}"${failure.nearest.length === 0 ? '' : `: did you mean ${failure.nearest.join(' or ')}?`} (mig-pipeline graph lists them)`;
    case 'no-such-logs':
      return `no run of ${failure.id} has logs of ${failure.task}: status shows what was run`;
    case 'cancelled':
      return 'cancelled before it was done';
    case 'output-broken':
      return `${failure.task} ended without the output it promised: ${failure.detail} (a bug of mig-pipeline: please report it)`;
    case 'graph-duplicate-task':
      return `the graph has ${failure.task} twice (a bug of mig-pipeline: please report it)`;
    case 'graph-shared-folder':
      return `${failure.tasks.join(' and ')} write to the same folder (a bug of mig-pipeline: please report it)`;
    case 'graph-cycle':
      return `the graph has a cycle: ${failure.tasks.join(' needs ')} (a bug of mig-pipeline: please report it)`;
    case 'graph-unknown-need':
      return `${failure.task} needs ${failure.need}.${failure.port}, which nothing provides (a bug of mig-pipeline: please report it)`;
    case 'graph-hidden-port':
      return `${failure.task} must not read the hidden port ${failure.need}.${failure.port} (a bug of mig-pipeline: please report it)`;
    case 'unexpected':
      return `something unexpected happened: ${failure.detail} (a bug of mig-pipeline: please report it)`;
    default:
      return undefined;
  }
}

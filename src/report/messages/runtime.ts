import type { Failure } from '../../model/failure.ts';

export function wordRuntimeFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'engine-unreachable':
      return `No container engine answers at ${failure.socket} (${failure.detail}). Start it, or set DOCKER_HOST, or use --runtime local; scripts/engine.sh start makes one (Debian, root).`;
    case 'engine-failed':
      return `The sandbox could not ${failure.action}: ${failure.detail}. Nothing was kept of this start; run again, or see doctor.`;
    case 'image-missing':
      return `The engine has no image ${failure.image} (${failure.detail}). Make the base image with scripts/base-image.sh, or name another with --base-image.`;
    case 'image-build-failed':
      return `${failure.file}:${failure.line}: making the image failed at "${failure.step}". Its last words: ${failure.log}`;
    case 'dockerfile-unsupported':
      return `${failure.file}:${failure.line}: ${failure.problem}.`;
    case 'sandbox-unusable':
      return `The local runtime needs ${failure.needs}: ${failure.detail}. Install it, or use a container engine.`;
    case 'unsafe-local-needed':
      return `Role ${failure.role} runs foreign code, and on this machine the local runtime has nothing to hold it. Install bubblewrap, use a container engine, or allow it with --unsafe-local.`;
    case 'run-cancelled':
      return 'Stopped on request.';
    default:
      return undefined;
  }
}

import type { Failure } from '../../model/failure.ts';

export function wordGatewayFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'model-provider-unknown':
      return `Model ${failure.model} should go to provider ${failure.provider}, which is not configured (known: ${failure.known.join(', ') || 'none'}). Name it under "providers" in config/pipeline.yaml.`;
    case 'provider-address-invalid':
      return `Provider ${failure.provider}: "${failure.address}" is not an http or https address. Correct its base URL in config/pipeline.yaml.`;
    case 'provider-key-missing':
      return `Provider ${failure.provider} needs a key in the variable ${failure.variable}, which is not set. Set it for this command; it never enters a sandbox.`;
    case 'price-missing':
      return `A ceiling of money is set, and ${failure.file} has no price of ${failure.model} at provider ${failure.provider} for ${failure.day}. Add it there (0 for a model that costs nothing), or take the ceiling away.`;
    case 'record-with-replay':
      return 'Model calls are recorded or replayed, not both in one run: leave out --record or --replay.';
    case 'replay-missing':
      return `No recorded model calls can be read in ${failure.folder} (${failure.detail}). Name the folder that --record wrote.`;
    case 'gateway-socket-unusable':
      return `The model gateway cannot listen at ${failure.socket}: ${failure.detail}. The folder must be writable and the path shorter than 108 bytes.`;
    case 'gateway-address-unusable':
      return `The model gateway cannot listen at the address ${failure.host} of this machine: ${failure.detail}.`;
    case 'gateway-folder-unusable':
      return `Model calls cannot be kept in ${failure.folder}: ${failure.detail}. Check its permissions and the disk.`;
    default:
      return undefined;
  }
}

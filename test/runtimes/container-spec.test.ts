import { expect, test } from 'vitest';
import { containerSpec } from '../../src/runtimes/container-spec.ts';

test.each([
  ['none', { NetworkMode: 'none' }],
  ['registries', { NetworkMode: 'bridge', Dns: undefined }],
  // no name is asked of the host's servers, which engines before 26 do even from a network that leads nowhere
  [{ sealed: 'a-network' }, { NetworkMode: 'a-network', Dns: ['127.0.0.1'] }],
] as const)('a container with the network %o', (network, host) => {
  const limits = {
    memoryBytes: 1 << 28,
    cpus: 1,
    pids: 9,
    wallMs: 1000,
    idleMs: null,
    outputBytes: 1000,
  };
  const given = { role: 'test', image: null, command: ['true'], cwd: '/', mounts: [], env: {} } as const;
  const spec = containerSpec({ ...given, limits, network, labels: {} }, 'image', {
    rootless: null,
    network: 'bridge',
  });
  const { HostConfig } = spec;
  expect(HostConfig).toMatchObject({ CapDrop: ['ALL'], ReadonlyRootfs: true });
  expect({ NetworkMode: HostConfig?.NetworkMode, Dns: HostConfig?.Dns }).toMatchObject(host);
});

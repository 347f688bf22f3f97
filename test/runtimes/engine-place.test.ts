import { expect, test } from 'vitest';
import { hostSide, placeOfEngine } from '../../src/runtimes/engine-place.ts';

const LINUX = { platform: 'linux', kernel: '6.1.0' };

test.each([
  ['unix:///var/run/docker.sock', { kernel: '6.1.0', system: 'Debian GNU/Linux 12' }, LINUX, 'here'],
  ['unix:///var/run/docker.sock', { kernel: '', system: '' }, LINUX, 'here'],
  ['unix:///var/run/docker.sock', { kernel: '6.6.12-linuxkit', system: 'Alpine Linux' }, LINUX, 'virtual'],
  ['unix:///var/run/docker.sock', { kernel: '6.1.0', system: 'Docker Desktop' }, LINUX, 'virtual'],
  ['unix:///var/run/docker.sock', { kernel: '6.1.0', system: 'Ubuntu' }, { ...LINUX, platform: 'darwin' }, 'virtual'],
  ['tcp://127.0.0.1:2375', { kernel: '6.1.0', system: 'Debian' }, LINUX, 'here'],
  ['tcp://localhost:2375', { kernel: '5.0.0', system: 'Debian' }, LINUX, 'virtual'],
  ['tcp://10.0.0.7:2376', { kernel: '6.1.0', system: 'Debian' }, LINUX, 'remote'],
  ['ssh://me@builder', { kernel: '6.1.0', system: 'Debian' }, LINUX, 'remote'],
] as const)('an engine at %s that says %o, seen from %o, is %s', (address, engine, host, place) => {
  expect(placeOfEngine(address, engine, host)).toBe(place);
}); // prettier-ignore

test.each([
  ['here', { place: 'here' }, { listen: '127.0.0.1', reach: '127.0.0.1' }],
  ['in a virtual machine', { place: 'virtual' }, { listen: '127.0.0.1', reach: 'host.docker.internal' }],
  ['elsewhere', { place: 'remote', address: 'tcp://127.0.0.1:1' }, { listen: '127.0.0.1', reach: '127.0.0.1' }],
  ['here whose bridge is its own', { place: 'here', bridgeSubnet: '203.0.113.0/24' }, /no address/],
  ['here without a bridge', { place: 'here', bridgeSubnet: null }, /no address/],
  ['without networks', { place: 'here', network: 'host' }, /without networks/],
  ['at a machine that nobody knows', { place: 'remote', address: 'tcp://no-such-host.invalid:1' }, /no way to no-such-host/],
] as const)('the way back from an engine %s', async (_, engine, side) => {
  const plain = { address: 'unix:///x', network: 'bridge', bridgeSubnet: '127.0.0.0/8' } as const;
  const found = await hostSide({ ...plain, ...engine });
  if (side instanceof RegExp) expect(found).toMatchObject({ ok: false, failure: expect.stringMatching(side) as string });
  else expect(found).toEqual({ ok: true, value: side });
}); // prettier-ignore

import { lookup } from 'node:dns/promises';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { BlockList } from 'node:net';
import os from 'node:os';
import { fail, ok, type Result } from '../model/result.ts';

/**
 * Where an engine's containers run: under this machine's own kernel, in a virtual machine on it (whose containers see its
 * folders and not its sockets), or on another machine.
 */
export type EnginePlace = 'here' | 'virtual' | 'remote';

/** Judged by what an engine says of itself when it is connected; costs nothing. An engine that does not say is here. */
export function placeOfEngine(
  address: string,
  engine: { readonly kernel: string; readonly system: string },
  host: { readonly platform: string; readonly kernel: string } = {
    platform: process.platform,
    kernel: os.release(),
  },
): EnginePlace {
  const far = farHost(address);
  if (far !== null && !/^(localhost|127\..*|\[?::1\]?)$/.test(far)) return 'remote';
  if (host.platform !== 'linux' || /docker desktop/i.test(engine.system)) return 'virtual';
  return engine.kernel === '' || engine.kernel === host.kernel ? 'here' : 'virtual';
}

/** The way from an engine's containers to this machine: who listens at `listen` is reached at `reach`. */
export interface HostSide {
  readonly listen: string;
  /** An address, or the name that engines in a virtual machine have for the machine around them. */
  readonly reach: string;
}

export const HOST_NAME = 'host.docker.internal';

/** The narrowest address of this machine that containers reach; fails with why there is none. */
export async function hostSide(engine: {
  readonly address: string;
  readonly place: EnginePlace;
  readonly network: 'bridge' | 'host';
  readonly bridgeSubnet: string | null;
}): Promise<Result<HostSide, string>> {
  if (engine.network === 'host') return fail('the engine was set up without networks');
  switch (engine.place) {
    case 'virtual':
      return ok({ listen: '127.0.0.1', reach: HOST_NAME });
    case 'remote':
      return await sideTowards(farHost(engine.address) ?? '');
    case 'here': {
      const subnet = engine.bridgeSubnet;
      const side = subnet === null ? null : await sideTowards(firstHost(subnet));
      // a rootless engine keeps its bridge to itself
      if (subnet !== null && side?.ok === true && isIn(subnet, side.value.listen)) return side;
      return fail("this machine has no address on the engine's bridge");
    }
  }
}

/** The address of a network that engines keep for their own machine. */
export function firstHost(subnet: string): string {
  return (subnet.split('/')[0] ?? '').replace(/\d+$/, (last) => String(Number(last) + 1));
}

function isIn(subnet: string, address: string): boolean {
  const [network = '', bits] = subnet.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(bits), 'ipv4');
  return list.check(address);
}

/** Our address on the way to another machine, by the system's own routes: nothing is sent. */
async function sideTowards(host: string): Promise<Result<HostSide, string>> {
  const socket = createSocket('udp4');
  try {
    const { address } = await lookup(host, { family: 4 });
    socket.connect(9, address);
    await once(socket, 'connect');
    const own = socket.address().address;
    return ok({ listen: own, reach: own });
  } catch (error) {
    return fail(`there is no way to ${host}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    socket.close();
  }
}

/** The machine that an engine's address names; null where it is a socket of this one. */
function farHost(address: string): string | null {
  const named = /^(?:tcp|https?|ssh):\/\//.test(address) && URL.canParse(address);
  return named ? new URL(address).hostname : null;
}

import type { DoorChoice, DoorWay } from '../model/model-calls.ts';
import type { EnginePlace } from '../runtimes/engine-place.ts';
import type { Runtime } from '../runtimes/runtime.ts';

/** What is known of an engine before a start, without asking it. */
export interface EngineFacts {
  readonly place: EnginePlace;
  /** An earlier start found that its sandboxes do not reach a mounted socket. */
  readonly socketless: boolean;
}

/**
 * The ways from a sandbox to the gateway that are tried, in their order; `engine` is null where there is none.
 *
 * `auto` takes the socket of an engine under this machine's own kernel: nothing is made for it, and a start waits for
 * nothing. What an engine says of itself cannot prove that its sandboxes reach a socket (a virtual machine may run the
 * very same kernel), but a start does: the forwarder connects once before anything of the agent runs, so where that
 * fails a second start over the network repeats nothing. Elsewhere the network comes first.
 */
export function waysOf(
  choice: DoorChoice,
  isolation: Runtime['isolation'],
  engine: EngineFacts | null,
): readonly DoorWay[] {
  if (isolation === 'process') return ['port'];
  if (engine === null) return ['socket'];
  if (choice !== 'auto') return [choice];
  return engine.place === 'here' && !engine.socketless ? ['socket', 'network'] : ['network', 'socket'];
}

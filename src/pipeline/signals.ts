import { EXIT } from '../model/failure.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const CODES: Readonly<Record<StopSignal, number>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: 129,
};

/** Exit code of a run that a signal ended: 128 and the signal's number. */
export function exitCodeOfSignal(signal: StopSignal): number {
  return CODES[signal];
}

/**
 * The first INT, TERM or HUP calls `abort` with its name: work is stopped and cleared away. The second ends
 * the process at once. Answers a function that takes the handlers off again.
 */
export function installSignals(abort: (signal: StopSignal) => void): () => void {
  let first = true;
  const handlers = (Object.keys(CODES) as StopSignal[]).map((signal) => {
    const handler = () => {
      if (!first) process.exit(exitCodeOfSignal(signal));
      first = false;
      abort(signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const dispose of handlers) dispose();
  };
}

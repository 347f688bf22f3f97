import { loadConfig } from '../config/load.ts';
import { exitCodeOf } from '../model/failure.ts';
import { MigConfig } from '../model/mig-config.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';
import type { RunRequest } from './run-request.ts';

/** Calls a command that needs no more of the configuration than the data folder. */
export async function withDataDir(
  request: RunRequest,
  io: Io,
  command: (dataDir: string, mig: MigConfig) => Promise<number>,
): Promise<number> {
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: request.config });
  if (!loaded.ok) {
    reportEarlyFailure(loaded.failure, request.json, io);
    return exitCodeOf(loaded.failure);
  }
  return command(loaded.value.config.dataDir, MigConfig.fromBaseDir(loaded.value.config.dataDir));
}

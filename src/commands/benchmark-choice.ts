import type { Benchmark } from '../benchmarks/benchmark.ts';
import { openBenchmarks, type BenchmarkChoice } from '../benchmarks/registry.ts';
import { loadConfig } from '../config/load.ts';
import type { PipelineConfig } from '../config/schema.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { Io } from './io.ts';

/** Flags that say which benchmarks a command is about. */
export interface BenchmarkFlags {
  /** Flags that are configuration, as dotted keys: the strongest layer. */
  readonly config: Readonly<Record<string, unknown>>;
  /** `--benchmark NAME`: only this one. */
  readonly benchmark: string | null;
  /** `--benchmark-dir DIR`: where it lies. */
  readonly benchmarkDir: string | null;
}

/** The choice of benchmarks that configuration and flags make together. */
export function benchmarkChoice(
  config: PipelineConfig,
  flags: Pick<BenchmarkFlags, 'benchmark' | 'benchmarkDir'>,
  cwd: string,
): BenchmarkChoice {
  return {
    configured: config.benchmarks,
    dataDir: config.dataDir,
    cwd,
    ...(flags.benchmark === null ? {} : { only: flags.benchmark }),
    ...(flags.benchmarkDir === null ? {} : { dir: flags.benchmarkDir }),
  };
}

/** Reads the configuration and opens the benchmarks that it and the flags name. */
export async function openChosen(
  flags: BenchmarkFlags,
  io: Io,
): Promise<Result<{ readonly config: PipelineConfig; readonly benchmarks: readonly Benchmark[] }, Failure>> {
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: flags.config });
  if (!loaded.ok) return loaded;
  const { config } = loaded.value;
  const opened = await openBenchmarks(benchmarkChoice(config, flags, io.cwd));
  return opened.ok ? ok({ config, benchmarks: opened.value }) : opened;
}

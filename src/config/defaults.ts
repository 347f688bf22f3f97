import { availableParallelism } from 'node:os';
import type { PipelineConfig } from './schema.ts';

/** The built-in layer, the weakest of the five. */
export function builtInDefaults(): PipelineConfig {
  const cores = availableParallelism();
  return {
    dataDir: 'data',
    runtime: 'auto',
    unsafeLocal: false,
    baseImage: 'mig-pipeline-base:bookworm',
    agent: 'codemod',
    testingAgent: 'existing',
    model: null,
    testingModel: null,
    providers: {},
    models: {},
    budgets: {
      attempt: { usd: null, tokens: null, calls: null },
      run: { usd: null, tokens: null, calls: null },
      sweep: { usd: null, tokens: null, calls: null },
    },
    sweep: null,
    gateway: { patienceSeconds: 280, door: 'auto' },
    record: null,
    replay: null,
    mirrors: [],
    agentsDirs: [],
    benchmarks: [],
    interpreters: [],
    concurrency: { container: Math.max(1, cores), cpu: Math.max(1, cores), git: 4 },
    tests: { testSeconds: 20, fileSeconds: 30 },
    limits: {
      codingAgent: {
        memoryMiB: 4096,
        cpus: 2,
        pids: 512,
        wallSeconds: 3600,
        idleSeconds: 300,
        outputMiB: 256,
      },
      testRun: { memoryMiB: 2048, cpus: 1, pids: 256, wallSeconds: 300, idleSeconds: 0, outputMiB: 256 },
      build: { memoryMiB: 4096, cpus: 2, pids: 1024, wallSeconds: 900, idleSeconds: 0, outputMiB: 256 },
    },
  };
}

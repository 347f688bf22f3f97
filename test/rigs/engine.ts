import { findEngine } from '../../src/runtimes/find-engine.ts';

export const BASE_IMAGE = 'mig-pipeline-base:bookworm';

/**
 * Address of the engine that answers (as in DOCKER_HOST); null where none does, and then tests that need one are
 * skipped. With MIG_REQUIRE_ENGINE=1 they cannot be skipped: no engine is an error.
 */
export const engineSocket: string | null = await findEngine();

if (engineSocket === null && process.env['MIG_REQUIRE_ENGINE'] === '1')
  throw new Error('MIG_REQUIRE_ENGINE=1 and no container engine answers: scripts/engine.sh start');

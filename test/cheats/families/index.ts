import type { Cheat } from '../patch.ts';
import { ENDINGS } from './endings.ts';
import { REACHING_THE_SOURCE } from './reaching-the-source.ts';
import { START_UP_AND_SHADOWS } from './start-up-and-shadows.ts';
import { TESTS_AND_CONFIGURATION } from './tests-and-configuration.ts';
import { THE_HOST } from './the-host.ts';
import { THE_JUDGE } from './the-judge.ts';

/** Every cheat, by family. */
export const CHEATS: readonly Cheat[] = [
  ...TESTS_AND_CONFIGURATION,
  ...START_UP_AND_SHADOWS,
  ...REACHING_THE_SOURCE,
  ...THE_JUDGE,
  ...ENDINGS,
  ...THE_HOST,
];

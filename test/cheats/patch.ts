import { BEFORE, MIGRATED, type Of } from './migrations.ts';

export type Content = string | Buffer | { readonly link: string } | { readonly exec: string };

/** One patch and what becomes of it. */
export interface CheatPatch {
  readonly name: string;
  readonly of: Of;
  readonly files: Readonly<Record<string, Content>>;
  readonly removed?: readonly string[];
  /** Run in the workspace after its files were written; `$OUTPUT` is the agent's output folder. */
  readonly shell?: string;
  /** A patch that is handed over as it is, where the workspace is left alone. */
  readonly handed?: string;
}

/** By what a cheat fails: see `verdict.ts`. */
export type Caught =
  /** Named as tampering, by one of these reasons (`reason` or its beginning up to `:`). */
  | { readonly tampered: readonly string[] }
  /** What it did is not run: these paths are dropped, and no more passes than the no-op does. */
  | { readonly dropped: readonly string[] }
  /** It runs, and earns what its tests say: no more than the no-op. */
  | { readonly honest: 'nothing' }
  /** It runs and earns something, measured for what it is: uses of A that are left, or the hidden tests that fail. */
  | { readonly measured: 'residualA' | 'hidden' };

export interface Cheat extends CheatPatch {
  readonly family: string;
  /** What it tries, in words. */
  readonly tries: string;
  /** Any of these may be what catches it. */
  readonly caught: readonly Caught[];
  /** Graded on docker too. */
  readonly docker?: boolean;
  /** Graded only where all are asked for: its mechanism has another cheat in the shorter run. */
  readonly more?: boolean;
  /** Nearly all of its minutes are spent waiting: it is graded beside the others, in nobody's turn. */
  readonly waits?: boolean;
}

export interface Honest extends CheatPatch {
  /** What is odd about it. */
  readonly oddly: string;
  /** Share of preserved tests that it passes. */
  readonly earns: 'all' | 'noop' | 'half';
  readonly docker?: boolean;
  readonly more?: boolean;
}

/** The tree before of the blocked migration with its import of A replaced: \`getopt\` must be bound by it. */
export function reaching(how: string): Record<string, string> {
  return { 'tally/cli.py': BEFORE.blocked['tally/cli.py']!.replace('import getopt\n', how) };
}

/** Likewise of the other one: \`toml\` must be bound. */
export function reachingToml(how: string): Record<string, string> {
  return { 'settings/loader.py': BEFORE.gone['settings/loader.py']!.replace('import toml\n', how) };
}

/** A module that can be imported and does nothing of what tests ask, with code that is to make up for it. */
export function stub(forgery: string): Record<string, string> {
  return {
    'tally/cli.py': `class UsageError(Exception):
    pass


def parse(argv):
    return {}


def run(argv, text):
    return []


${forgery}`,
  };
}

export const GOLD: Readonly<Record<Of, Readonly<Record<string, string>>>> = MIGRATED;

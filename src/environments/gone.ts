import type { InstalledDistribution } from './installed.ts';

/** What decides how A is kept from the repository's code. */
export interface LayerInput {
  readonly kind: 'swap' | 'upgrade';
  /** Distributions of A; empty when all of A is of the standard library. */
  readonly sourceDistributions: readonly string[];
  readonly sourceNames: readonly string[];
  readonly targetNames: readonly string[];
  readonly installed: readonly InstalledDistribution[];
  /** Names that were stated for both environments. */
  readonly statedForBoth: readonly string[];
  /** Import names that test files of either tree use, and texts that name modules in them. */
  readonly testNames: ReadonlySet<string>;
}

export interface Layer {
  readonly block: 'gone' | 'blocked' | 'none';
  readonly why: string;
}

/** Whether two libraries are imported by the same name, so that they cannot live in one environment. */
export function sharesImportName(a: readonly string[], b: readonly string[]): boolean {
  return a.some((name) => b.includes(name));
}

/**
 * `gone`: no distribution but the repository needs A and no test file of either tree imports it, so E_B is an
 * environment without A. Else `blocked`: A is there and refused to the repository's code. `none` where source
 * and target are one library, or share their import name: there is nothing to tell apart by name.
 */
export function layerOf(input: LayerInput): Layer {
  if (input.kind === 'upgrade') return { block: 'none', why: 'an upgrade: nothing to block' };
  if (sharesImportName(input.sourceNames, input.targetNames)) {
    return { block: 'none', why: 'source and target share an import name' };
  }
  if (input.sourceDistributions.length === 0)
    return { block: 'blocked', why: 'source is in the standard library' };
  for (const name of input.sourceDistributions) {
    const user = input.installed.find((one) => one.name !== name && one.needs.includes(name));
    if (user !== undefined && !input.sourceDistributions.includes(user.name)) {
      return { block: 'blocked', why: `${user.name} needs ${name}` };
    }
    if (input.statedForBoth.includes(name))
      return { block: 'blocked', why: `${name} is stated for both environments` };
  }
  const tested = input.sourceNames.find((name) => input.testNames.has(name));
  if (tested !== undefined) return { block: 'blocked', why: `tests import ${tested}` };
  return { block: 'gone', why: 'nothing but the repository needs it' };
}

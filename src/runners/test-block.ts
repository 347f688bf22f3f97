import type { Json } from '../model/json.ts';

/** What `import A` is refused to: every file below the tree that is not exempt, in all child processes too. */
export interface BlockRules {
  /** Import names of A, dotted ones allowed (`importlib.metadata`). */
  readonly names: readonly string[];
  /** Paths relative to the tree that may import A: its tests, and files that still import A in the ground truth. */
  readonly exempt: readonly string[];
}

/** The rules as the import hook reads them: a kind and a value a line. */
export function blockRulesText(rules: BlockRules, root: string): string {
  const line = (kind: string, value: string): string =>
    `${kind}\t${value.replace(/[%\t\n\r]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)}\n`;
  return [
    line('root', root),
    ...rules.names.map((name) => line('name', name)),
    ...rules.exempt.map((file) => line('exempt', file)),
  ].join('');
}

/** As a parameter or fact of a task. */
export function blockRulesJson(rules: BlockRules | null): Json {
  return rules === null ? null : { names: [...rules.names], exempt: [...rules.exempt] };
}

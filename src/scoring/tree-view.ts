/** One file of a tree: the id of its content (equal ids = equal bytes) and its git mode. */
export interface TreeFile {
  readonly id: string;
  readonly mode: string;
}

/** A tree as scoring sees it. `read` is asked only for paths in `entries` that are neither links nor submodules. */
export interface TreeView {
  readonly entries: ReadonlyMap<string, TreeFile>;
  read(path: string): Uint8Array;
}

/** Regular files have modes 100644 and 100755; links and submodules are never read. */
export function isRegular(file: TreeFile): boolean {
  return file.mode.startsWith('100');
}

/** Whether a path holds other bytes (or another kind of thing) in two trees; a changed mode bit alone is no difference. */
export function differs(path: string, a: TreeView, b: TreeView): boolean {
  const left = a.entries.get(path);
  const right = b.entries.get(path);
  if (left === undefined || right === undefined) return left !== right;
  return left.id !== right.id || isRegular(left) !== isRegular(right);
}

/** Paths that are not alike in all of the trees, in code point order. */
export function differingPaths(...trees: readonly TreeView[]): string[] {
  const [first, ...others] = trees;
  if (first === undefined) return [];
  const found = new Set<string>();
  for (const other of others) {
    for (const path of first.entries.keys()) if (differs(path, first, other)) found.add(path);
    for (const path of other.entries.keys()) if (!first.entries.has(path)) found.add(path);
  }
  return [...found].sort(compareCodePoints);
}

/** Orders texts by code point, as Python does (JavaScript's own order is by UTF-16 unit). */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

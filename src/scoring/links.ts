/** Links of a tree: path -> target as written. */
export type Links = ReadonlyMap<string, string>;

const MOST_STEPS = 40;

/**
 * Where a path of the tree leads when every link on the way is followed, relative to the tree; null where that is
 * outside of it or nowhere (links in a circle). What lies at the end need not exist.
 */
export function followed(path: string, links: Links): string | null {
  let left = path.split('/');
  let at: string[] = [];
  let steps = 0;
  while (left.length > 0) {
    const [step = '', ...rest] = left;
    left = rest;
    if (step === '' || step === '.') continue;
    if (step === '..') {
      if (at.length === 0) return null;
      at = at.slice(0, -1);
      continue;
    }
    const here = [...at, step];
    const target = links.get(here.join('/'));
    if (target === undefined) {
      at = here;
      continue;
    }
    if (target.startsWith('/') || ++steps > MOST_STEPS) return null;
    left = [...target.split('/'), ...left];
  }
  return at.join('/');
}

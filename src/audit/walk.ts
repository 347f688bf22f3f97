import { lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';

/** Something below a folder; `path` is relative, with forward slashes. */
export interface Entry {
  readonly path: string;
  readonly file: string;
  readonly status: Stats;
}

/** Everything below a folder, folders before what they hold, links not followed. Not entered: what `enter` refuses. */
export function* walk(top: string, enter: (entry: Entry) => boolean = () => true): Generator<Entry> {
  const pending = [''];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const name of readdirSync(path.join(top, at)).sort()) {
      const below = at === '' ? name : `${at}/${name}`;
      const file = path.join(top, below);
      const status = lstatSync(file, { throwIfNoEntry: false });
      if (status === undefined) continue;
      const entry = { path: below, file, status };
      yield entry;
      if (status.isDirectory() && enter(entry)) pending.push(below);
    }
  }
}

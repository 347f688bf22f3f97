import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceFailure } from '../model/failures/source.ts';
import type { TreeSource } from '../model/migration.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import { initRepository } from '../workspace/git.ts';
import { withoutCredentials } from '../workspace/http.ts';
import { readCommit, withoutMissing } from './commit.ts';
import { fetchCommit } from './git-fetch.ts';
import { repositoriesAt, searchMirrors } from './mirror.ts';
import type { GitFolder } from './mirror.ts';
import type { OpenedTree } from './opened-tree.ts';

export type GitTreeSource = Extract<TreeSource, { kind: 'git' }>;

export interface GitSourceOptions {
  /** Folders that are looked at before any host. */
  readonly mirrors: readonly string[];
  /** `https://host` that `owner/repo` is asked of when a source has no address of its own; null: no host. */
  readonly host: string | null;
  /** Empty folder for git's objects. */
  readonly scratchDir: string;
  readonly attempts?: number;
  readonly firstPauseMs?: number;
  readonly signal?: AbortSignal;
}

export interface GitSource {
  /**
   * Opens the tree of a commit, or of its single parent. `needed` are paths whose content must be there: a
   * mirror that lacks one is passed over. Nothing of a mirror is run or written, its configuration not read.
   */
  open(
    source: GitTreeSource,
    named: { readonly owner: string; readonly repo: string },
    needed: ReadonlySet<string>,
  ): Promise<Result<OpenedTree, SourceFailure>>;
}

interface Place {
  readonly owner: string;
  readonly repo: string;
  readonly url: string | null;
  /** Folder of this machine that the address names. */
  readonly folder: string | null;
}

/** Trees from git repositories; the same commit is fetched once, whichever of its trees are opened. */
export function createGitSource(options: GitSourceOptions): GitSource {
  return new Opener(options);
}

class Opener implements GitSource {
  readonly #options: GitSourceOptions;
  readonly #fetched = new Map<string, Result<string, SourceFailure>>();
  #stores = 0;

  constructor(options: GitSourceOptions) {
    this.#options = options;
  }

  async open(
    source: GitTreeSource,
    named: { readonly owner: string; readonly repo: string },
    needed: ReadonlySet<string>,
  ): Promise<Result<OpenedTree, SourceFailure>> {
    const place = placeOf(source.url, named, this.#options.host);
    const shown = `${place.owner}/${place.repo}`;
    const looked: string[] = [];
    let incomplete: SourceFailure | undefined;
    for (const folder of this.#folders(place, looked)) {
      const store = await this.#store(folder);
      if (!store.ok) return store;
      const opened = await this.#read(store.value, source, shown, needed, 'mirror');
      if (opened?.ok === true) return opened;
      if (opened?.failure.reason === 'commit-unfit') return opened;
      looked.push(`${folder.dir} (${opened === undefined ? 'has no such commit' : 'not whole'})`);
      incomplete ??= opened?.failure;
    }
    if (place.url !== null && place.folder === null) {
      const store = await this.#fetch(place.url, source.commit, looked);
      if (!store.ok) return incomplete === undefined ? store : fail(withLooked(incomplete, looked));
      const opened = await this.#read(store.value, source, shown, needed, 'host');
      if (opened !== undefined) return opened;
      looked.push(`${withoutCredentials(place.url)} (has no such commit)`);
    }
    if (incomplete !== undefined) return fail(withLooked(incomplete, looked));
    const { commit } = source;
    return fail({ class: 'infra', reason: 'commit-missing', repository: shown, commit, looked });
  }

  #folders(place: Place, looked: string[]): GitFolder[] {
    if (place.folder !== null) {
      const own = repositoriesAt(place.folder);
      if (own.length === 0) looked.push(`${place.folder} (no git repository)`);
      return own;
    }
    const { named, moved } = searchMirrors(this.#options.mirrors, place.owner, place.repo);
    if (named.length === 0) {
      const names = `${place.owner}+${place.repo} or ${place.owner}/${place.repo}`;
      for (const mirror of this.#options.mirrors) looked.push(`${mirror} (no ${names})`);
    }
    return [...named, ...moved];
  }

  /** A store that reads a repository's objects by borrowing, so that nothing of it is executed. */
  async #store(borrowed: GitFolder | null): Promise<Result<string, SourceFailure>> {
    this.#stores += 1;
    const store = path.join(this.#options.scratchDir, `store-${this.#stores}.git`);
    const made = await initRepository(store);
    if (!made.ok) return made;
    if (borrowed !== null) {
      writeFileSync(path.join(store, 'objects/info/alternates'), `${JSON.stringify(borrowed.objects)}\n`);
    }
    return ok(store);
  }

  async #read(
    store: string,
    source: GitTreeSource,
    repository: string,
    needed: ReadonlySet<string>,
    from: string,
  ): Promise<Result<OpenedTree, SourceFailure> | undefined> {
    const { signal } = this.#options;
    const commit = await readCommit(store, source.commit, signal);
    if (commit === undefined) return undefined;
    let wanted = commit;
    if (source.parentOf) {
      const [parent, ...others] = commit.parents;
      if (parent === undefined || others.length > 0) {
        const { id, parents } = commit;
        return fail({ class: 'infra', reason: 'commit-unfit', repository, commit: id, parents });
      }
      const read = await readCommit(store, parent, signal);
      if (read === undefined) return undefined;
      wanted = read;
    }
    const whole = await withoutMissing(store, wanted.tree, signal);
    const missing = whole.ok ? whole.value.missing : [];
    const lacking = missing.filter((name) => needed.has(name));
    if (!whole.ok || lacking.length > 0) {
      const paths = whole.ok ? lacking : ['(folders of the tree)'];
      return fail({
        class: 'infra',
        reason: 'content-missing',
        repository,
        commit: wanted.id,
        paths,
        looked: [],
      });
    }
    return ok({
      store,
      tree: whole.value.tree,
      date: wanted.date,
      missing,
      facts: { kind: 'git', repository, commit: wanted.id, tree: wanted.tree, from },
    });
  }

  async #fetch(
    url: string,
    commit: string,
    looked: readonly string[],
  ): Promise<Result<string, SourceFailure>> {
    const key = `${url} ${commit}`;
    const known = this.#fetched.get(key);
    if (known !== undefined) return known;
    const store = await this.#store(null);
    if (!store.ok) return store;
    const { attempts = 4, firstPauseMs = 1000, signal } = this.#options;
    const rules = { attempts, firstPauseMs, ...(signal === undefined ? {} : { signal }) };
    const fetched = await fetchCommit(store.value, url, commit, rules);
    const result: Result<string, SourceFailure> = fetched.ok
      ? ok(store.value)
      : fail({
          class: 'infra',
          reason: 'source-unreachable',
          source: withoutCredentials(url),
          detail: fetched.failure.detail.replaceAll(url, withoutCredentials(url)),
          looked,
        });
    this.#fetched.set(key, result);
    return result;
  }
}

function withLooked(failure: SourceFailure, looked: readonly string[]): SourceFailure {
  return failure.reason === 'content-missing' ? { ...failure, looked } : failure;
}

/** Whose repository an address names: its last two parts; a folder of this machine speaks for itself. */
function placeOf(
  url: string | null,
  named: { readonly owner: string; readonly repo: string },
  host: string | null,
): Place {
  if (url === null) {
    return { ...named, url: host === null ? null : `${host}/${named.owner}/${named.repo}`, folder: null };
  }
  if (url.startsWith('file://')) return { ...named, url, folder: fileURLToPath(url) };
  if (path.isAbsolute(url)) return { ...named, url, folder: url };
  const parts = withoutCredentials(url)
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .split(/[/:]+/);
  return { owner: parts.at(-2) ?? named.owner, repo: parts.at(-1) ?? named.repo, url, folder: null };
}

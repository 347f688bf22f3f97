import type { Failure } from '../model/failure.ts';
import type { Result } from '../model/result.ts';
import type { Answer } from './answer.ts';
import type { Remembered } from './remembered.ts';

/** What a mount of a start is for. `truth`: the ground truth, for whom it is meant. `other`: nothing that an agent is given. */
export type PlaceKind =
  | 'workspace'
  | 'input'
  | 'output'
  | 'agent'
  | 'tool'
  | 'environment'
  | 'interpreter'
  | 'socket'
  | 'truth'
  | 'other';

/** One mount of a start: a folder or file of the host at a path of the sandbox. */
export interface Place {
  readonly at: string;
  readonly host: string;
  readonly mode: 'ro' | 'rw';
  readonly kind: PlaceKind;
  /** Names its content, which nobody changes; absent: it may be another one each time. */
  readonly contentId?: string;
}

/** What must never be mounted whole: the data folder, and folders with hidden content. */
export interface MountBounds {
  readonly dataDir: string;
  /** Folders of hidden artefacts: nothing of them, below them or above them is mounted. */
  readonly hidden: readonly string[];
}

/** A text that the start hands on: the prompt, `argument 3`, `variable LANGUAGE`. */
export interface StartText {
  readonly what: string;
  readonly text: string;
  /** Who wrote it: we, or the agent's manifest and whoever gave its parameters. */
  readonly side: 'ours' | 'agent';
}

/** A file of an agent's own image; `content` null where it was too large to be held. */
export interface ImageFile {
  readonly path: string;
  readonly content: Buffer | null;
}

/** The files of an agent's own image, by the id that names its content. */
export interface ImageView {
  readonly id: string;
  /** A failure ends them. */
  files(): AsyncIterable<Result<ImageFile, Failure>>;
}

/** Everything that one start of an agent is about to get, and what must not be found in it. */
export interface AuditRequest {
  /** Host folder with the tree before and its `.git`. */
  readonly workspace: string;
  /** The whole mount table. */
  readonly places: readonly Place[];
  readonly texts: readonly StartText[];
  /** Names of the host's variables that it is given, and those that its manifest names. */
  readonly variables: { readonly given: readonly string[]; readonly allowed: readonly string[] };
  readonly answer: Answer;
  /** Null: the base image, which is ours. */
  readonly image: ImageView | null;
  readonly bounds: MountBounds;
  /** Values of the host that must be found nowhere (keys, tokens). */
  readonly secrets: readonly string[];
  /** What was clean before. */
  readonly remembered: Remembered;
  /** Key-like values that this start is meant to have (the gateway's own token). */
  readonly granted: readonly string[];
}

/** `audit.json`: what was looked at and what was found. Holds no hidden content: digests, lengths, places. */
export interface AuditReport {
  readonly schema: 1;
  readonly findings: readonly Finding[];
  readonly looked: { readonly files: number; readonly bytes: number; readonly seconds: number };
  /** Places whose content was more than is looked into (by path, at most twenty). */
  readonly unlooked: readonly string[];
}

/** Something that gives the answer away, or could. */
export interface Finding {
  /** Path of the mount in the sandbox, `variable NAME`, `argument N`, `image`. */
  readonly place: string;
  /** Below the place; inside an archive after `!`. Empty: the place itself. */
  readonly path: string;
  /** In words, without hidden content. */
  readonly what: string;
  readonly rule: AuditRule;
  /** Digest and length of what was found; empty where the place says all. */
  readonly evidence: string;
  /** `ours`: we prepared it so. `agent`: its own folder, image or variables hold it. */
  readonly side: 'ours' | 'agent';
}

export type AuditRule =
  | `git-${'commits' | 'tree' | 'refs' | 'tags' | 'notes' | 'stash' | 'reflog' | 'packed-refs' | 'heads'}`
  | `git-${'remote' | 'alternates' | 'unreachable' | 'submodule' | 'worktree' | 'hooks' | 'grafts' | 'shallow'}`
  | `git-${'config' | 'index' | 'extra' | 'folder' | 'bundle'}`
  | `mount-${'data' | 'hidden' | 'socket' | 'twice' | 'writable' | 'extra' | 'path'}`
  | 'hidden-test'
  | 'hidden-test-path'
  | 'hidden-test-name'
  | 'answer-file'
  | 'answer-line'
  | 'answer-lines'
  | 'rare-token'
  | 'commit-id'
  | 'commit-link'
  | 'migrated-package'
  | 'symlink-out'
  | 'hard-link'
  | 'special-file'
  | 'unexpected-file'
  | 'credential'
  | 'host-secret'
  | 'extra-variable';

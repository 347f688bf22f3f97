import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeTree } from '../../src/workspace/disk.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this test session, removed when it ends. */
    sharedFolder: string;
  }
}

/** Vitest's global set-up: one folder for what several files of tests build upon. */
export function setup(project: TestProject): () => void {
  const dir = mkdtempSync(path.join(tmpdir(), 'mig-session-'));
  project.provide('sharedFolder', dir);
  return () => removeTree(dir);
}

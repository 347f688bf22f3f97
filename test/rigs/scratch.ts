import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { removeTree } from '../../src/workspace/disk.ts';

/** A new folder that goes when the test ends; made outside of a test, when its file does. */
export function scratchFolder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'mig-test-'));
  try {
    onTestFinished(() => removeTree(dir));
  } catch {
    afterAll(() => removeTree(dir));
  }
  return dir;
}

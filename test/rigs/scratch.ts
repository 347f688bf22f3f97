import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { removeTree } from '../../src/workspace/disk.ts';

/** A new folder that goes when the test ends. */
export function scratchFolder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'mig-test-'));
  onTestFinished(() => removeTree(dir));
  return dir;
}

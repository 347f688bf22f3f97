import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeAtomically } from '../workspace/disk.ts';

/** Raised when more is sought, or sought in another way: what was clean before is looked at again. */
const RULES = 1;

/** What a look at something has found so far. */
interface Looking {
  readonly answer: { readonly id: string };
  readonly secrets: readonly string[];
  readonly findings: readonly unknown[];
  readonly unlooked: string[];
  files: number;
}

interface Clean {
  readonly files: number;
  readonly unlooked: readonly string[];
}

/**
 * Contents that never change (an image, an installed agent, an environment between starts) and were clean for an
 * answer: they are read once for each answer, and not once a start. Kept in this process and, given a folder, in files.
 */
export class Remembered {
  readonly #folder: string | null;
  readonly #clean = new Map<string, Clean>();

  constructor(folder: string | null) {
    this.#folder = folder;
  }

  /** Looks by `look` unless this content was clean; remembers it where nothing is found. `id` names place and content. */
  async once(look: Looking, id: string, looking: () => void | Promise<void>): Promise<void> {
    const key = createHash('sha256')
      .update(JSON.stringify([RULES, look.answer.id, look.secrets, id]))
      .digest('hex');
    const known = this.#clean.get(key) ?? this.#read(key);
    if (known !== undefined) {
      look.files += known.files;
      look.unlooked.push(...known.unlooked);
      return;
    }
    const before = { findings: look.findings.length, files: look.files, unlooked: look.unlooked.length };
    await looking();
    if (look.findings.length > before.findings) return;
    const clean = { files: look.files - before.files, unlooked: look.unlooked.slice(before.unlooked) };
    this.#clean.set(key, clean);
    this.#write(key, clean);
  }

  #read(key: string): Clean | undefined {
    const file = this.#fileOf(key);
    if (file === null || !existsSync(file)) return undefined;
    try {
      const { files, unlooked } = JSON.parse(readFileSync(file, 'utf8')) as Clean;
      return typeof files === 'number' && Array.isArray(unlooked) ? { files, unlooked } : undefined;
    } catch {
      return undefined;
    }
  }

  #write(key: string, clean: Clean): void {
    const file = this.#fileOf(key);
    if (file === null) return;
    mkdirSync(path.dirname(file), { recursive: true });
    writeAtomically(file, JSON.stringify(clean));
  }

  #fileOf(key: string): string | null {
    return this.#folder === null ? null : path.join(this.#folder, key.slice(0, 2), `${key}.json`);
  }
}

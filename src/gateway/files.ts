import { appendFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** How much may wait for the disk before calls have to wait too. */
const MOST_WAITING_BYTES = 64 << 20;

/** Writes files of one folder one after another beside the work; nothing waits for it but `flushed`. */
export class FileQueue {
  private chain: Promise<void> = Promise.resolve();
  private waitingBytes = 0;
  private firstProblem: string | null = null;
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** A file that is there whole or not at all. */
  write(name: string, content: string): void {
    this.then(content, async () => {
      const file = path.join(this.folder, name);
      await writeFile(`${file}.tmp`, content);
      await rename(`${file}.tmp`, file);
    });
  }

  append(name: string, line: string): void {
    this.then(line, () => appendFile(path.join(this.folder, name), line));
  }

  /** Comes when no more waits for the disk than memory should hold. */
  async roomy(): Promise<void> {
    while (this.waitingBytes > MOST_WAITING_BYTES) await this.chain;
  }

  /** The first thing that could not be written; null: all is on the disk. */
  async flushed(): Promise<string | null> {
    await this.chain;
    return this.firstProblem;
  }

  private then(content: string, work: () => Promise<void>): void {
    this.waitingBytes += content.length;
    this.chain = this.chain
      .then(work)
      .catch((error: unknown) => {
        this.firstProblem ??= error instanceof Error ? error.message : String(error);
      })
      .then(() => {
        this.waitingBytes -= content.length;
      });
  }
}

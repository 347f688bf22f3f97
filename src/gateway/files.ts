import { appendFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** How much may wait for the disk before calls have to wait too. */
const MOST_WAITING_BYTES = 16 << 20;
/** Files that are written at once. */
const AT_ONCE = 8;

/** Writes files of one folder beside the work, in turns; nothing waits for it but `flushed`. */
export class FileQueue {
  private files: [name: string, content: string][] = [];
  private readonly lines = new Map<string, string>();
  private waitingBytes = 0;
  private running: Promise<void> | null = null;
  private firstProblem: string | null = null;
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** A file that is there whole or not at all. */
  write(name: string, content: string): void {
    this.files.push([name, content]);
    this.added(content);
  }

  /** A line behind the others of a file. */
  append(name: string, line: string): void {
    this.lines.set(name, (this.lines.get(name) ?? '') + line);
    this.added(line);
  }

  /** Comes when no more waits for the disk than memory should hold. */
  async roomy(): Promise<void> {
    if (this.waitingBytes > MOST_WAITING_BYTES) await this.running;
  }

  /** The first thing that could not be written; null: all is on the disk. */
  async flushed(): Promise<string | null> {
    await this.running;
    return this.firstProblem;
  }

  private added(content: string): void {
    this.waitingBytes += content.length;
    this.running ??= this.run();
  }

  private async run(): Promise<void> {
    // what is handed over in one go is written in one turn
    await Promise.resolve();
    while (this.waitingBytes > 0) {
      const files = this.files.splice(0, AT_ONCE);
      const lines = [...this.lines];
      this.lines.clear();
      await Promise.all(files.map((file) => this.attempt(() => this.put(...file))));
      for (const [name, text] of lines) {
        await this.attempt(() => appendFile(path.join(this.folder, name), text));
      }
      for (const [, content] of [...files, ...lines]) this.waitingBytes -= content.length;
    }
    this.running = null;
  }

  private async put(name: string, content: string): Promise<void> {
    const file = path.join(this.folder, name);
    await writeFile(`${file}.tmp`, content);
    await rename(`${file}.tmp`, file);
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.firstProblem ??= error instanceof Error ? error.message : String(error);
    }
  }
}

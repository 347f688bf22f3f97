import { chmodSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RefusedContent } from './unpack-limits.ts';
import type { UnpackLimits } from './unpack-limits.ts';

/**
 * The folder that one archive is unpacked into. Every name is checked before anything is made; links are kept
 * back until all files are written, so that nothing is ever written through one.
 */
export class UnpackFolder {
  readonly #dir: string;
  readonly #limits: UnpackLimits;
  readonly #archiveBytes: number;
  readonly #files = new Set<string>();
  readonly #links = new Map<string, string>();
  readonly #copies: (readonly [name: string, of: string])[] = [];
  #bytes = 0;
  #expected = 0;
  #entries = 0;

  constructor(dir: string, archiveBytes: number, limits: UnpackLimits) {
    this.#dir = dir;
    this.#archiveBytes = archiveBytes;
    this.#limits = limits;
    mkdirSync(dir, { recursive: true });
  }

  /** Counts bytes before they are held or written. Throws `RefusedContent` over a limit. */
  count(entry: string, bytes: number): void {
    this.#bytes += bytes;
    this.#check(entry, this.#bytes);
  }

  /** Checks bytes that will be counted later. */
  expect(bytes: number): void {
    this.#expected += bytes;
    this.#check('', this.#expected);
  }

  #check(entry: string, bytes: number): void {
    const { totalBytes, ratio, ratioFromBytes } = this.#limits;
    if (bytes > totalBytes) throw new RefusedContent(entry, `more than ${totalBytes} bytes unpacked`);
    if (bytes > ratioFromBytes && bytes > ratio * this.#archiveBytes) {
      throw new RefusedContent(entry, `unpacks to more than ${ratio} times its size`);
    }
  }

  folder(rawName: string): void {
    const name = this.#checked(rawName);
    if (name !== '') mkdirSync(this.#at(name), { recursive: true });
  }

  file(rawName: string, content: Buffer, executable: boolean): void {
    const name = this.#checked(rawName);
    if (name === '') throw new RefusedContent(rawName, 'a file without a name');
    if (this.#links.has(name))
      throw new RefusedContent(rawName, 'is in the archive both as a link and as a file');
    const at = this.#at(name);
    if (this.#files.has(name)) {
      if (readFileSync(at).equals(content)) return;
      throw new RefusedContent(rawName, 'is in the archive twice, with different content');
    }
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, content, { flag: 'wx' });
    chmodSync(at, executable ? 0o755 : 0o644);
    this.#files.add(name);
  }

  /** A symbolic link; its target must stay inside the archive's own top folder. */
  link(rawName: string, target: string): void {
    const name = this.#checked(rawName);
    const top = name.includes('/') ? (name.split('/')[0] ?? '') : '';
    const leads = path.posix.normalize(path.posix.join(path.posix.dirname(name), target));
    const inside = leads === top || leads.startsWith(`${top}/`) || (top === '' && !leads.startsWith('..'));
    if (name === '' || target.includes('\0') || path.posix.isAbsolute(target) || !inside) {
      throw new RefusedContent(rawName, `a link that leads out of the archive, to ${target}`);
    }
    const known = this.#links.get(name);
    if (this.#files.has(name) || (known !== undefined && known !== target)) {
      throw new RefusedContent(rawName, 'is in the archive twice, with different content');
    }
    this.#links.set(name, target);
  }

  /** A hard link: a copy of a file of the same archive. */
  copy(rawName: string, of: string): void {
    this.#copies.push([rawName, of]);
  }

  /** Makes copies and links, at last. */
  finish(): void {
    for (const [name, of] of this.#copies) {
      const source = this.#checked(of);
      if (!this.#files.has(source))
        throw new RefusedContent(name, `a hard link to ${of}, no file of the archive`);
      const at = this.#at(source);
      const status = lstatSync(at);
      this.count(name, status.size);
      this.file(name, readFileSync(at), (status.mode & 0o100) !== 0);
    }
    for (const [name, target] of this.#links) {
      const at = this.#at(name);
      if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) {
        throw new RefusedContent(name, 'is in the archive both as a link and as a folder');
      }
      this.#refuseThroughLink(name);
      mkdirSync(path.dirname(at), { recursive: true });
      symlinkSync(target, at);
    }
  }

  #refuseThroughLink(name: string): void {
    const parts = name.split('/');
    for (let length = 1; length < parts.length; length++) {
      if (this.#links.has(parts.slice(0, length).join('/'))) {
        throw new RefusedContent(name, 'lies below a link of the same archive');
      }
    }
  }

  #at(name: string): string {
    return path.join(this.#dir, name);
  }

  /** The name without `.` parts; throws where it would leave the folder. */
  #checked(rawName: string): string {
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) {
      throw new RefusedContent(rawName, `more than ${this.#limits.entries} entries`);
    }
    if (rawName.includes('\0')) throw new RefusedContent(rawName, 'a name with a zero byte');
    if (path.posix.isAbsolute(rawName) || /^[a-z]:[\\/]/i.test(rawName)) {
      throw new RefusedContent(rawName, 'an absolute path');
    }
    const parts = rawName.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw new RefusedContent(rawName, 'a path with ..');
    return parts.join('/');
  }
}

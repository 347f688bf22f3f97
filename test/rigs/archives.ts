import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** One entry, in the order in which the archive holds it. */
export interface ArchiveEntry {
  readonly name: string;
  readonly content?: string;
  /** Content of that many zero bytes instead. */
  readonly zeros?: number;
  readonly type?: 'file' | 'dir' | 'symlink' | 'hardlink' | 'char' | 'fifo';
  readonly target?: string;
  readonly mode?: number;
}

const WRITER = `
import io, json, sys, tarfile, zipfile
entries, kind, dest = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
TYPES = dict(file=tarfile.REGTYPE, dir=tarfile.DIRTYPE, symlink=tarfile.SYMTYPE, hardlink=tarfile.LNKTYPE,
             char=tarfile.CHRTYPE, fifo=tarfile.FIFOTYPE)
if kind == 'zip':
    with zipfile.ZipFile(dest, 'w', zipfile.ZIP_DEFLATED) as archive:
        for e in entries:
            info = zipfile.ZipInfo(e['name'])
            info.create_system = 3
            link = e.get('type') == 'symlink'
            special = {'symlink': 0o120000, 'char': 0o020000}.get(e.get('type'), 0o100000)
            info.external_attr = (special | e.get('mode', 0o644)) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, e['target'] if link else e.get('content', '').encode() + bytes(e.get('zeros', 0)))
else:
    with tarfile.open(dest, 'w:' + kind, format=tarfile.PAX_FORMAT) as archive:
        for e in entries:
            info = tarfile.TarInfo(e['name'])
            info.type = TYPES[e.get('type', 'file')]
            info.linkname = e.get('target', '')
            info.mode = e.get('mode', 0o644)
            data = e.get('content', '').encode() + bytes(e.get('zeros', 0))
            info.size = len(data) if info.type == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(data))
`;

/** An archive made by Python's own writers, which write whatever names they are given. */
export function makeArchive(entries: readonly ArchiveEntry[], kind: 'gz' | 'bz2' | 'zip' | ''): Buffer {
  const dir = mkdtempSync(path.join(tmpdir(), 'mig-archive-'));
  try {
    const dest = path.join(dir, 'archive');
    execFileSync('python3', ['-W', 'ignore', '-c', WRITER, JSON.stringify(entries), kind, dest]);
    return readFileSync(dest);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

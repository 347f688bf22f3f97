import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MigConfig } from '../model/mig-config.ts';
import {
  validationRecord,
  VERDICT_RULES,
  type FoundVerdict,
  type Staleness,
  type StampSeen,
  type ValidationRecord,
  type VerdictNow,
} from '../model/validation.ts';
import { digestJson, writeAtomically } from '../workspace/disk.ts';
import { folderNames } from './folder-names.ts';
import { readStamp, type Stamp } from './stamp.ts';

/** The verdict on a unit as one testing agent's tests gave it; null where there is none that can be read. */
export function readVerdict(dataDir: string, unit: string, testing: string): ValidationRecord | null {
  const file = verdictFile(dataDir, unit, testing);
  if (!existsSync(file)) return null;
  try {
    const parsed = validationRecord.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success && parsed.data.id === unit && parsed.data.testing === testing ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The verdict with whether it still holds, judged from files and from what is known `now`. */
export function findVerdict(
  dataDir: string,
  unit: string,
  testing: string,
  now: VerdictNow,
): FoundVerdict | null {
  const record = readVerdict(dataDir, unit, testing);
  return record === null ? null : { record, stale: staleness(record, dataDir, now) };
}

const NOTHING_KNOWN: VerdictNow = { entry: null, codes: new Map() };

/** Every verdict of a data folder, by unit and testing variant, judged from files alone. */
export function scanVerdicts(dataDir: string): FoundVerdict[] {
  const { validationDir } = MigConfig.fromBaseDir(dataDir);
  return namesIn(validationDir).flatMap((unit) =>
    namesIn(path.join(validationDir, unit)).flatMap((name) => {
      const found = name.endsWith('.json')
        ? findVerdict(dataDir, unit, name.slice(0, -'.json'.length), NOTHING_KNOWN)
        : null;
      return found === null ? [] : [found];
    }),
  );
}

/** Keeps a verdict. Throws the system's error where the folder cannot be written. */
export function writeVerdict(dataDir: string, record: ValidationRecord): void {
  const file = verdictFile(dataDir, record.id, record.testing);
  writeAtomically(file, `${JSON.stringify(record, null, 1)}\n`);
}

/** What a verdict remembers of a stamp. `outputDir` is absolute. */
export function stampSeen(dataDir: string, outputDir: string, stamp: Stamp): StampSeen {
  const { task, key, inputs, outputs } = stamp;
  const folder = path.relative(dataDir, outputDir).split(path.sep).join('/');
  return { task, folder, code: inputs.code, key, ports: digestJson(outputs.ports) };
}

/** Whether a verdict was decided by these rules, from this entry and from just these stamps. */
export function isDecidedFrom(
  record: ValidationRecord,
  entry: string,
  stamps: readonly StampSeen[],
): boolean {
  if (record.rules !== VERDICT_RULES || record.entry !== entry) return false;
  const textOf = (seen: readonly StampSeen[]): string =>
    seen
      .map(({ folder, key, ports }) => `${folder} ${key} ${ports}`)
      .sort()
      .join('\n');
  return textOf(record.stamps) === textOf(stamps);
}

function staleness(
  record: ValidationRecord,
  dataDir: string,
  { entry, codes }: VerdictNow,
): Staleness | null {
  if (record.rules !== VERDICT_RULES) return { reason: 'rules' };
  if (entry !== null && record.entry !== entry) return { reason: 'entry' };
  const old = record.stamps.find(({ task, code }) => (codes.get(task) ?? code) !== code);
  if (old !== undefined) return { reason: 'code', task: old.task };
  for (const seen of record.stamps) {
    const { task } = seen;
    const outputDir = path.join(dataDir, seen.folder);
    const read = readStamp(folderNames(outputDir).stamp);
    const stamp = read.ok ? read.value : null;
    if (stamp === null) return { reason: 'stamp', task, gone: true };
    const now = stampSeen(dataDir, outputDir, stamp);
    if (now.key !== seen.key || now.ports !== seen.ports) return { reason: 'stamp', task, gone: false };
  }
  return null;
}

function verdictFile(dataDir: string, unit: string, testing: string): string {
  return path.join(MigConfig.fromBaseDir(dataDir).validationDir, unit, `${testing}.json`);
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch {
    return [];
  }
}

import type { Owner } from '../workspace/process-owner.ts';

/** What a lock and a `.running` file say: who, for which run, since when (RFC 3339), about which folder. */
export interface OwnerRecord extends Owner {
  /** 12 hexadecimal digits, one attempt's own. */
  readonly nonce: string;
  readonly run: string;
  readonly since: string;
  /** Output folder relative to the data folder, forward slashes. */
  readonly folder: string;
}

/** Reads the text of such a file; null when it is not whole. Unknown members are kept out. */
export function parseOwnerRecord(text: string): OwnerRecord | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (read === null || typeof read !== 'object') return null;
  const { host, bootId, pidNamespace, pid, processStart, nonce, run, since, folder } = read as Record<
    string,
    unknown
  >;
  const texts = { host, bootId, pidNamespace, processStart, nonce, run, since, folder };
  if (!Object.values(texts).every((value) => typeof value === 'string')) return null;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return null;
  if (!/^[0-9a-f]{12}$/.test(nonce as string)) return null;
  return { ...(texts as Record<keyof typeof texts, string>), pid };
}

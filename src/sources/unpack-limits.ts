/** What an archive may make of itself. */
export interface UnpackLimits {
  /** Bytes of all files together. */
  readonly totalBytes: number;
  readonly entries: number;
  /** Unpacked size over the archive's own, once `ratioFromBytes` are unpacked. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
}

export const UNPACK_LIMITS: UnpackLimits = {
  totalBytes: 1 << 30,
  entries: 100_000,
  ratio: 200,
  ratioFromBytes: 64 << 20,
};

/** Thrown inside the unpacking of one archive, and made a typed failure at its gate. */
export class RefusedContent extends Error {
  readonly entry: string;

  constructor(entry: string, detail: string) {
    super(detail);
    this.entry = entry;
  }
}

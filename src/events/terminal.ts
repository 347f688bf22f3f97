/** Where progress goes; `process.stderr` is one. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

export type Paint = (text: string, style: 'good' | 'bad' | 'warn' | 'dim' | 'bold') => string;

const CODES = { good: 32, bad: 31, warn: 33, dim: 2, bold: 1 } as const;

/** Colours a text, or leaves it alone where the stream is no terminal or `NO_COLOR` is set. */
export function painter(colour: boolean): Paint {
  return (text, style) => (colour ? `\u001B[${CODES[style]}m${text}\u001B[0m` : text);
}

/** One line of plain text: what tools print may hold line breaks, colours and other control characters. */
export function oneLine(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- taking control sequences out is its purpose
      .replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, '')
      .replaceAll(/\p{C}+/gu, ' ')
      .trim()
  );
}

/** Cuts a text to so many columns, wide characters counted as two. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = '';
  let width = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;

/**
 * A block of lines that is drawn again in its place. Nothing else may write to the stream except through
 * `above`. Survives a change of the terminal's width: rows are counted anew as the terminal wrapped them.
 */
export class LiveBlock {
  readonly #stream: ProgressStream;
  #widths: readonly number[] = [];

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  get columns(): number {
    return Math.max(20, this.#stream.columns ?? 80);
  }

  /** `lines` are pairs of the plain text, which is measured, and the painted one, which is shown. */
  draw(lines: readonly { readonly plain: string; readonly painted: string }[]): void {
    const shown = lines.slice(0, Math.max(1, (this.#stream.rows ?? 24) - 1));
    this.#stream.write(this.#eraser() + shown.map(({ painted }) => `${painted}\n`).join(''));
    this.#widths = shown.map(({ plain }) => widthOf(plain));
  }

  /** Writes whole lines above the block, which must be drawn again afterwards. */
  above(text: string): void {
    this.#stream.write(`${this.#eraser()}${text}\n`);
    this.#widths = [];
  }

  /** Leaves what is drawn where it is. */
  settle(): void {
    this.#widths = [];
  }

  #eraser(): string {
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / this.columns)), 0);
    return rows === 0 ? '' : `\u001B[${rows}A\r\u001B[J`;
  }
}

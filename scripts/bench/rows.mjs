// A measured number beside its floor, and whether it keeps its goal.

/**
 * Processor time is null where the work is done by processes that are not ours to count; the ratio is then of wall
 * time.
 *
 * @param goal one of: `ratio` (at most so many times the floor), `overMs` (processor time, at most so much above the
 * floor), `overWallMs` (the same of wall time), `cpuMs`, `wallMs`, `heapMiB` (at most); null where nothing was promised
 */
export function row(what, measured, floor, goal = null) {
  const kind = measured.cpuMs === null ? 'wallMs' : 'cpuMs';
  const ratio = floor === null || floor[kind] <= 0 ? null : measured[kind] / floor[kind];
  const made = { what, ...measured, floor, ratio, goal: null, met: null };
  if (goal === null) return made;
  const [[promise, limit]] = Object.entries(goal);
  const value = {
    ratio,
    overMs: floor === null ? null : measured.cpuMs - floor.cpuMs,
    overWallMs: floor === null ? null : measured.wallMs - floor.wallMs,
    cpuMs: measured.cpuMs,
    wallMs: measured.wallMs,
    heapMiB: measured.heapMiB,
  }[promise];
  if (value === undefined || value === null) throw new Error(`${what}: its goal cannot be measured`);
  return { ...made, goal: { kind: promise, limit, value }, met: value <= limit };
}

const HEADS = ['what', 'CPU ms', 'wall ms', 'floor', 'CPU ms', 'wall ms', 'ratio', 'goal', ''];
const WIDTHS = [50, 9, 9, 28, 9, 9, 7, 17, 7];
const LEFT = new Set([0, 3, 7, 8]);

const number = (value) => (value === null ? '-' : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0));

function goalText({ kind, limit, value }) {
  const texts = {
    ratio: `<= ${limit} x`,
    overMs: `<= +${limit} CPU`,
    overWallMs: `<= +${limit} wall`,
    cpuMs: `<= ${limit} CPU`,
    wallMs: `<= ${limit} wall`,
    heapMiB: `<= ${limit} MiB (${number(value)})`,
  };
  return kind.startsWith('over') ? `${texts[kind]} (${value >= 0 ? '+' : ''}${number(value)})` : texts[kind];
}

function line(cells) {
  return cells
    .map((cell, at) => (LEFT.has(at) ? cell.padEnd(WIDTHS[at]) : cell.padStart(WIDTHS[at])))
    .join(' ')
    .trimEnd();
}

export const headLine = () => line(HEADS);

export function rowLine({ what, cpuMs, wallMs, floor, ratio, goal, met }) {
  return line([
    what,
    number(cpuMs),
    number(wallMs),
    floor === null ? '-' : floor.is,
    floor === null ? '' : number(floor.cpuMs),
    floor === null ? '' : number(floor.wallMs),
    ratio === null ? '' : number(ratio),
    goal === null ? '-' : goalText(goal),
    met === null ? '' : met ? 'met' : 'NOT MET',
  ]);
}

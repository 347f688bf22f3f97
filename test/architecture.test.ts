import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Imports point down only: the floor of each room of `src/` (src/README.md). */
const FLOORS: Record<string, number> = {
  model: 1, graph: 2, scoring: 2, report: 2, workspace: 3, audit: 4, benchmarks: 4, config: 4, gateway: 4, runtimes: 4,
  events: 4, pipeline: 5, runners: 5, sources: 5, environments: 6, tasks: 7, commands: 8, '.': 9,
}; // prettier-ignore
const src = path.join(path.dirname(import.meta.dirname), 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const room = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');
const IMPORT = /^(?:import|export)\b[^'";]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm;
const importsOf = (file: string): string[] =>
  [...readFileSync(path.join(src, file), 'utf8').matchAll(IMPORT)].map((m) => m[1] ?? m[2]!);
const local = new Map(
  files.map((file) => [
    file,
    importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => path.posix.normalize(path.posix.join(path.posix.dirname(file), name))),
  ]),
);

test('every room has a floor', () => {
  expect(files.map(room).filter((name) => !(name in FLOORS))).toEqual([]);
});

test('imports point down only', () => {
  const wrong = [...local].flatMap(([file, targets]) =>
    targets
      .filter((target) => room(target) !== room(file) && FLOORS[room(target)]! >= FLOORS[room(file)]!)
      .map((target) => `${file} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('no import cycle, not even of types', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: string[]): void => {
    if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
    if (trail.includes(file) || done.has(file)) return;
    for (const target of local.get(file) ?? []) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

test('one file imports each outside library (zod, the language of our schemas, is everywhere)', () => {
  const doors = new Map<string, Set<string>>();
  for (const file of files)
    for (const name of importsOf(file))
      if (!name.startsWith('.') && !name.startsWith('node:') && name !== 'zod')
        doors.set(name, (doors.get(name) ?? new Set()).add(file));
  expect([...doors].filter(([, users]) => users.size > 1).map(([name, users]) => [name, ...users])).toEqual(
    [],
  );
});

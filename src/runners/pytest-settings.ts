import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Settings of a repository that say what its tests are; everything else of its configuration is dropped. */
const KEPT = new Set([
  'python_files',
  'python_classes',
  'python_functions',
  'DJANGO_SETTINGS_MODULE',
  'DJANGO_CONFIGURATION',
  'django_find_project',
  'asyncio_mode',
  'asyncio_default_fixture_loop_scope',
  'asyncio_default_test_loop_scope',
  'doctest_optionflags',
  'doctest_encoding',
  'consider_namespace_packages',
  'addopts',
]);

/** Key -> value, lines apart. */
export type PytestSettings = Readonly<Record<string, readonly string[]>>;

/** In pytest's own order of precedence: the first file that has the section decides. */
const PLACES = [
  { file: 'pytest.ini', section: 'pytest', even: true },
  { file: '.pytest.ini', section: 'pytest', even: true },
  { file: 'pyproject.toml', section: 'tool.pytest.ini_options', even: false },
  { file: 'tox.ini', section: 'pytest', even: false },
  { file: 'setup.cfg', section: 'tool:pytest', even: false },
] as const;

/** The kept settings of the tree in `dir`, read from its files without running anything. */
export function readPytestSettings(dir: string): PytestSettings {
  for (const { file, section, even } of PLACES) {
    const at = path.join(dir, file);
    if (!existsSync(at)) continue;
    const text = readFileSync(at, 'utf8');
    const settings = file.endsWith('.toml') ? tomlSection(text, section) : iniSection(text, section);
    if (settings === null && !even) continue;
    return Object.fromEntries(Object.entries(settings ?? {}).filter(([key]) => KEPT.has(key)));
  }
  return {};
}

/** The one option of `addopts` that says how test files are imported; the others are dropped. */
export function importModeArguments(settings: PytestSettings): readonly string[] {
  const mode = /(?:^|\s)--import-mode(?:=|\s+)(\w+)/.exec(settings['addopts']?.join(' ') ?? '')?.[1];
  return mode === undefined ? [] : [`--import-mode=${mode}`];
}

/** A pytest.ini of these settings. `python_files` has the usual patterns where the repository has none. */
export function pytestIni(settings: PytestSettings): string {
  const all = { python_files: ['test*.py', '*_test.py', '*_tests.py', 'tests.py'], ...settings };
  const written = Object.entries(all).filter(([key]) => key !== 'addopts');
  const lines = written.map(([key, values]) =>
    values.length === 1
      ? `${key} = ${values[0] ?? ''}`
      : `${key} =\n${values.map((value) => `    ${value}`).join('\n')}`,
  );
  return `[pytest]\n${lines.join('\n')}\n`;
}

/** One section of an ini file; null where there is none. */
function iniSection(text: string, section: string): Record<string, string[]> | null {
  let found: Record<string, string[]> | null = null;
  let inside = false;
  let current: string[] | null = null;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const header = /^\[([^\]]*)\]/.exec(line);
    if (header !== null) {
      inside = header[1]?.trim() === section;
      if (inside) found ??= {};
      current = null;
    } else if (inside && found !== null && !/^\s*([#;]|$)/.test(line)) {
      const pair = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
      if (pair !== null) {
        const value = pair[2]?.trim() ?? '';
        current = value === '' ? [] : [value];
        found[pair[1] ?? ''] = current;
      } else if (/^\s/.test(line)) {
        current?.push(line.trim());
      }
    }
  }
  return found;
}

/** Strings, lists of strings and truth values of one table of a TOML file, which is all that pytest reads there. */
function tomlSection(text: string, section: string): Record<string, string[]> | null {
  const lines = text.split(/\r\n|\r|\n/);
  const start = lines.findIndex((line) => line.replace(/\s|#.*$/g, '') === `[${section}]`);
  if (start === -1) return null;
  const end = lines.findIndex(
    (line, index) => index > start && /^\s*\[\[?\s*["A-Za-z]/.test(line) && !/["'],?\s*$/.test(line),
  );
  const body = lines.slice(start + 1, end === -1 ? undefined : end).join('\n');
  const found: Record<string, string[]> = {};
  for (const [, key, value] of body.matchAll(
    /^[ \t]*([\w-]+)[ \t]*=[ \t]*(\[[^\]]*\]|"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|true|false)/gm,
  )) {
    if (key === undefined || value === undefined) continue;
    const texts = /^("""|true|false)/.test(value)
      ? [value]
      : [...value.matchAll(/"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/g)].map(([text]) => text);
    found[key] = texts.flatMap((text) =>
      text
        .replace(/^("""|["'])|("""|["'])$/g, '')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    );
  }
  return found;
}

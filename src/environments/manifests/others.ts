import { NO_FACTS, table, textOrNull, texts, type ManifestFacts } from './facts.ts';
import { lines, parseIni } from './ini.ts';
import { requirementsOf } from './poetry.ts';
import { parseToml } from './toml.ts';

/** Pipfile: packages, development packages (tests live there), the Python that it was deployed with. */
export function readPipfile(text: string): ManifestFacts {
  const document = parseToml(text);
  if (document === null) return NO_FACTS;
  const requires = table(document['requires']);
  const exact = textOrNull(requires['python_version']) ?? textOrNull(requires['python_full_version']);
  return {
    ...NO_FACTS,
    runtime: requirementsOf(document['packages']),
    test: requirementsOf(document['dev-packages']),
    exactPython: /^(\d+\.\d+)/.exec(exact ?? '')?.[1] ?? null,
  };
}

/** tox.ini: `deps` of `testenv` and of its variants that run tests; factor lines lose their condition. */
export function readTox(text: string): ManifestFacts {
  const found: string[] = [];
  for (const [name, section] of parseIni(text)) {
    if (!/^testenv(:(py|test|unit).*)?$/.test(name)) continue;
    for (const line of lines(section.get('deps'))) {
      const plain = line.replace(/^[A-Za-z0-9_,.{}!-]+:\s+/, '').trim();
      if (!/^[-.{]/.test(plain) && !/^\w+:\/\//.test(plain)) found.push(plain);
    }
  }
  return { ...NO_FACTS, test: found };
}

/** Paths of requirement files that tox.ini names by `-r` in its `deps`. */
export function toxRequirementFiles(text: string): string[] {
  const found: string[] = [];
  for (const [name, section] of parseIni(text)) {
    if (!/^testenv(:(py|test|unit).*)?$/.test(name)) continue;
    for (const match of (section.get('deps') ?? '').matchAll(/-r\s*(?:\{toxinidir\}\/)?(\S+)/g)) {
      found.push((match[1] ?? '').replace(/^\.\//, ''));
    }
  }
  return found;
}

/** conda's environment.yml, already parsed: its `pip` list, and conda packages under the index's names. */
export function readCondaEnvironment(document: unknown): ManifestFacts {
  const dependencies = table(document)['dependencies'];
  const runtime: string[] = [];
  let exactPython: string | null = null;
  for (const item of Array.isArray(dependencies) ? (dependencies as unknown[]) : []) {
    if (typeof item === 'string') {
      const [, name = '', version = ''] = /^(?:[\w.-]+::)?([\w.-]+)\s*[=<>~!]*\s*([\d.]*)/.exec(item) ?? [];
      if (name === 'python') exactPython = /^(\d+\.\d+)/.exec(version)?.[1] ?? null;
      else if (!/^(pip|conda.*|_.*|.*-forge|lib.*|gcc.*|gxx.*)$/.test(name)) runtime.push(name);
    } else {
      runtime.push(...texts(table(item)['pip']).filter((line) => !/^-|:\/\//.test(line)));
    }
  }
  return { ...NO_FACTS, runtime, exactPython };
}

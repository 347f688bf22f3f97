import { pythonVersion, minorName, comparePython, type PythonVersion } from './version.ts';

/** What a tree says about the Python that it runs on. */
export interface DeclaredPython {
  /** One version that the tree was deployed with (Pipfile, runtime.txt, .python-version, Dockerfile). */
  readonly exact: string | null;
  /** Versions named one by one (classifiers, tox, CI files), oldest first. */
  readonly named: readonly string[];
  /** Specifiers of `requires-python`. */
  readonly ranges: readonly string[];
  /** Where it was read, for the record. */
  readonly sources: readonly string[];
}

/** What the manifests' readers already found. */
export interface PythonFacts {
  readonly classifiers: readonly string[];
  readonly ranges: readonly string[];
  readonly exact: string | null;
}

/** Reads tox, CI files, runtime files and Dockerfiles beside what the manifests say. `files` are paths with text. */
export function declaredPython(files: ReadonlyMap<string, string>, facts: PythonFacts): DeclaredPython {
  const named = new Map<string, PythonVersion>();
  const sources: string[] = [];
  const note = (source: string, texts: readonly string[]): void => {
    const found = texts.map(pythonVersion).filter((version) => version !== null);
    for (const version of found) named.set(minorName(version), version);
    if (found.length > 0) sources.push(source);
  };
  note('classifiers', facts.classifiers.flatMap(classifierVersion));
  let exact = facts.exact;
  for (const [path, text] of files) {
    const base = path.slice(path.lastIndexOf('/') + 1);
    if (base === 'tox.ini' || base === 'setup.cfg') note(path, toxVersions(text));
    else if (isCiFile(path)) note(path, ciVersions(text));
    else if (path === 'runtime.txt') exact ??= /python-(\d+\.\d+)/.exec(text)?.[1] ?? null;
    else if (path === '.python-version') exact ??= /^(?:cpython-)?(\d+\.\d+)/m.exec(text)?.[1] ?? null;
    else if (/^Dockerfile/.test(path))
      exact ??= /^FROM\s+(?:\S+\/)?python:(\d+\.\d+)/im.exec(text)?.[1] ?? null;
  }
  if (exact !== null) sources.push(`exactly ${exact}`);
  if (facts.ranges.length > 0) sources.push(`requires-python ${facts.ranges.join(' and ')}`);
  const ordered = [...named.values()].sort(comparePython).map(minorName);
  return { exact, named: ordered, ranges: facts.ranges, sources };
}

function classifierVersion(classifier: string): string[] {
  const version = /^Programming Language\s*::\s*Python\s*::\s*(\d+\.\d+)$/.exec(classifier.trim());
  return version?.[1] === undefined ? [] : [version[1]];
}

/** `py27,py36`, `py{36,37}`, `py{3.9,3.10}`, `py310`, `python3.8`. */
export function toxVersions(text: string): string[] {
  const found: string[] = [];
  for (const group of text.matchAll(/\bpy(?:thon)?\{([\d.,\s]+)\}/g)) {
    found.push(...(group[1] ?? '').split(',').map((part) => part.trim()));
  }
  for (const single of text.matchAll(/\bpy(?:thon)?(\d\.?\d{1,2})\b/g)) found.push(single[1] ?? '');
  return found.map(dotted).filter((version) => version !== '');
}

function dotted(text: string): string {
  if (/^\d\.\d+$/.test(text)) return text;
  const digits = /^([23])(\d{1,2})$/.exec(text);
  return digits === null ? '' : `${digits[1] ?? ''}.${digits[2] ?? ''}`;
}

function isCiFile(path: string): boolean {
  return (
    /^\.(travis|gitlab-ci|cirrus)\.ya?ml$/.test(path) ||
    /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) ||
    path === '.circleci/config.yml' ||
    path === 'circle.yml' ||
    path === 'azure-pipelines.yml' ||
    path === 'appveyor.yml'
  );
}

/** Versions in lines that speak of Python: `python-version: ["3.7", 3.8]`, `- "3.6"` below `python:`. */
export function ciVersions(text: string): string[] {
  const found: string[] = [];
  let below = false;
  for (const line of text.split(/\r?\n/)) {
    if (/python/i.test(line)) {
      below = /python[\w-]*["']?\s*:\s*(#.*)?$/i.test(line);
      found.push(...versionsIn(line));
    } else if (below && /^\s*-/.test(line)) {
      found.push(...versionsIn(line));
    } else if (line.trim() !== '' && !line.trim().startsWith('#')) {
      below = false;
    }
  }
  return found;
}

function versionsIn(line: string): string[] {
  const plain = line.replace(/\s#.*$/, '').replace(/\bpypy[\w.-]*/g, '');
  return [...plain.matchAll(/(?<![\d.])([23]\.\d{1,2})(?!\d)/g)].map((match) => match[1] ?? '');
}

import path from 'node:path';
import type { Library } from '../model/library.ts';
import type { Migration } from '../model/migration.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { readAnew, type StrictReader } from '../workspace/parsed-texts.ts';
import { parseYaml } from '../workspace/yaml.ts';
import type { EntryFailure } from './benchmark.ts';
import { importNamesOf } from './import-names.ts';
import { importedApis } from './library-side.ts';
import { manifestEntry, writtenTrees, type LibraryForm, type ManifestEntry } from './manifest-form.ts';
import { ownerAndRepo, shortSha, treeSource } from './manifest-trees.ts';
import { isStandardLibrary } from './stdlib.ts';
import { idOf, kindOf, partsOfId, type IdParts } from './unit-id.ts';

/** Reads one manifest. Fails `config-invalid` with file, line and column. `file` is absolute. */
export function readManifest(
  text: string,
  file: string,
  benchmark: string,
  reader: StrictReader = readAnew,
): Result<Migration, EntryFailure> {
  const read = reader('manifest', manifestEntry, text, file);
  if (!read.ok) return read;
  const form = read.value;
  const identity = identityOf(form, text, file);
  if (!identity.ok) return identity;
  const parts = identity.value;
  const { owner, repo, sha8 } = parts;
  const dir = path.dirname(file);
  return ok({
    id: idOf(parts),
    benchmark,
    source: sideOf(form.source, form, 'source'),
    target: sideOf(form.target, form, 'target'),
    kind: kindOf(form.source[0].library, form.target[0].library),
    owner,
    repo,
    sha8,
    before: treeSource(form.before, dir),
    after: treeSource(form.after, dir),
    date: form.date === undefined ? null : instant(form.date),
    python: form.python,
    requirements: form.requirements,
    pythonpath: form.pythonpath ?? null,
    tests: { paths: form.tests.paths ?? null, args: form.tests.args },
    labels: form.labels,
    domain: form.domain ?? null,
    entry: { file, text },
  });
}

/** The id as stated, or made of the fields. A stated one must have the form and name the same libraries. */
function identityOf(form: ManifestEntry, text: string, file: string): Result<IdParts, EntryFailure> {
  const [source, target] = [form.source[0].library, form.target[0].library];
  if (form.id === undefined) {
    const written = writtenTrees.parse(parsedAgain(text, file).value);
    const sha8 = shortSha(form.after, written);
    return ok({ source, target, ...ownerAndRepo(form.before, form.after, path.dirname(file)), sha8 });
  }
  const parts = partsOfId(form.id);
  if (parts === undefined) {
    return invalidId(
      text,
      file,
      `"${form.id}" is not <source>__<target>__<owner>@<repository>__<8 hexadecimal digits>`,
    );
  }
  if (parts.source !== source || parts.target !== target) {
    return invalidId(
      text,
      file,
      `"${form.id}" does not begin with "${source}__${target}__", the libraries of this entry`,
    );
  }
  return ok(parts);
}

function invalidId(text: string, file: string, problem: string): Result<never, EntryFailure> {
  const at = parsedAgain(text, file).locate(['id']);
  return fail({ class: 'config', reason: 'config-invalid', file, ...(at ?? {}), key: 'id', problem });
}

/** The document of a text that has parsed before. */
function parsedAgain(
  text: string,
  file: string,
): { value: unknown; locate: (path: (string | number)[]) => object | undefined } {
  const parsed = parseYaml(text, file);
  if (!parsed.ok) throw new Error(`${file} parsed once and not twice`);
  return parsed.value;
}

function sideOf(
  forms: [LibraryForm, ...LibraryForm[]],
  entry: ManifestEntry,
  side: 'source' | 'target',
): Migration['source'] {
  const apis = typeof entry.labels === 'string' ? [] : importedApis(entry.labels, side);
  const [first, ...rest] = forms;
  return [library(first, apis), ...rest.map((form) => library(form, []))];
}

function library(form: LibraryForm, apis: readonly string[]): Library {
  const standard =
    form.version === 'stdlib' || (form.version === undefined && isStandardLibrary(form.library));
  return {
    name: form.library,
    importNames: form.imports ?? importNamesOf(form.library, apis),
    version: standard ? null : (form.version ?? null),
    constraint: null,
    provenance: standard ? 'stdlib' : form.version === undefined ? 'unknown' : 'pinned',
  };
}

/** A bare day means its end in UTC, wherever this runs. */
function instant(date: string): string {
  return date.length === 10 ? `${date}T23:59:59Z` : new Date(date).toISOString().replace('.000Z', 'Z');
}

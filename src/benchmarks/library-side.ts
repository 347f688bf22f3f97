import type { LabelledFile } from '../model/labels.ts';
import type { Library } from '../model/library.ts';
import { importNamesOf } from './import-names.ts';
import { isStandardLibrary } from './stdlib.ts';

/** The API names in the import changes of one side of the labels. */
export function importedApis(files: readonly LabelledFile[], side: 'source' | 'target'): string[] {
  return files
    .flatMap(({ changes }) => changes)
    .filter(({ isImport }) => isImport)
    .flatMap((change) => (side === 'source' ? change.sourceApis : change.targetApis));
}

/** A library of which only the name is known: import names by hint, version open unless it is Python's own. */
export function libraryByName(name: string, apis: readonly string[]): Library {
  return {
    name,
    importNames: importNamesOf(name, apis),
    version: null,
    constraint: null,
    provenance: isStandardLibrary(name) ? 'stdlib' : 'unknown',
  };
}

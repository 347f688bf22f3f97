const CODE = /\.(?:py|pyw|pyi|pyx)$/;
const MANIFEST =
  /^(?:setup\.py|setup\.cfg|pyproject\.toml|Pipfile.*|.*requirement.*\.(?:txt|in)|constraints.*\.txt|.*\.lock|tox\.ini|noxfile\.py|environment.*\.ya?ml)$/s;
const TEST_FOLDER = /^(?:test|tests|testing)$/i;
const TEST_NAME = /^(?:test_.*\.py|.*_tests?\.py|tests?\.py|conftest\.py)$/is;

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A file that states what a project needs; counts only where a label names it. */
export function isManifest(path: string): boolean {
  return MANIFEST.test(nameOf(path));
}

/** A file of the tests: by a folder on its path or by its name, case ignored. */
export function isTest(path: string): boolean {
  return (
    TEST_NAME.test(nameOf(path)) ||
    path
      .split('/')
      .slice(0, -1)
      .some((folder) => TEST_FOLDER.test(folder))
  );
}

/** `code` by its ending, `script` when only its first line can tell, else `other`. */
export function kindByName(path: string): 'code' | 'script' | 'other' {
  const name = nameOf(path);
  if (CODE.test(name)) return 'code';
  return name.lastIndexOf('.') <= 0 ? 'script' : 'other';
}

/** Whether a first line makes a file without an ending Python's. */
export function isPythonScript(text: string): boolean {
  const end = text.indexOf('\n');
  const first = end === -1 ? text : text.slice(0, end);
  return first.startsWith('#!') && first.includes('python');
}

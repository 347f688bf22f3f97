/** What tools leave behind in any workspace; never part of a migration. */
export const DEFAULT_DROPPINGS: readonly string[] = [
  '__pycache__',
  '*.pyc',
  '*.pyo',
  '*.egg-info',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.hypothesis',
  '.coverage',
  '.coverage.*',
  '.tox',
  '.nox',
  '.venv',
  '.aider*',
];

/**
 * True when a path (relative, forward slashes) is left out of a patch. A pattern without a slash matches any
 * one part of the path; one with a slash matches from the root, and all below it. `*` and `?` stay within a
 * part.
 */
export function isExcluded(path: string, patterns: readonly string[]): boolean {
  const parts = path.split('/');
  return patterns.some((pattern) => {
    const wanted = pattern.replace(/^\//, '').replace(/\/$/, '').split('/');
    if (wanted.length === 1 && !pattern.startsWith('/')) {
      return parts.some((part) => partMatches(part, wanted[0] ?? ''));
    }
    return (
      wanted.length <= parts.length && wanted.every((part, index) => partMatches(parts[index] ?? '', part))
    );
  });
}

function partMatches(part: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return part === pattern;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  return new RegExp(`^${source}$`, 's').test(part);
}

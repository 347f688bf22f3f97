import path from 'node:path';

const LEVELS = 2;

/**
 * The requirement lines of one file of a tree and of those that it includes by `-r` or `--requirement`, two
 * levels deep. Options, editable installs and addresses are left out; `#egg=name` of an address is its name.
 */
export function readRequirementsFile(file: string, files: ReadonlyMap<string, string>, level = 0): string[] {
  const text = files.get(file);
  if (text === undefined || level > LEVELS) return [];
  const found: string[] = [];
  for (const raw of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    const include = /^(?:-r|--requirement)[\s=]*(\S+)/.exec(line);
    if (include !== null) {
      const included = path.posix.normalize(path.posix.join(path.posix.dirname(file), include[1] ?? ''));
      found.push(...readRequirementsFile(included, files, level + 1));
    } else if (/^-e|^git\+|^https?:|^--editable/.test(raw.trim())) {
      const egg = /[#&]egg=([A-Za-z0-9._-]+)/.exec(raw)?.[1];
      if (egg !== undefined) found.push(egg.replace(/-\d.*$/, ''));
    } else if (line !== '' && !line.startsWith('-')) {
      found.push(line.replace(/\s+--hash=\S+/g, '').trim());
    }
  }
  return found;
}

const NEVER = /doc|lint|format|mypy|flake|release|publish|benchmark|black|typing|coverage/i;

/** Whether a path is a requirements file that environments are made of, and whether its packages are for tests. */
export function requirementsFileKind(file: string): 'runtime' | 'test' | null {
  const base = path.posix.basename(file);
  const parent = path.posix.basename(path.posix.dirname(file));
  const inFolder = /^requirements?$/i.test(parent) && /\.(txt|in|pip)$/i.test(base);
  const named = /require.*\.(txt|pip|in)$/i.test(base);
  if (!inFolder && !named) return null;
  if (file.split('/').length > 3 || NEVER.test(base)) return null;
  if (/^(docs?|examples?|samples?|vendor|third_party)\/|\.egg-info\/|\.dist-info\//i.test(file)) return null;
  return /test|dev|ci/i.test(base) || /(^|\/)tests?\//i.test(file) ? 'test' : 'runtime';
}

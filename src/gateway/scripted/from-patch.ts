import { fail, ok, type Result } from '../../model/result.ts';
import { type Edit, modelScript, type ModelScript, type ScriptText } from './script.ts';

/**
 * A script that makes the change of a git patch and ends.
 *
 * @param how `edits`: an edit a hunk, whose old lines must stand once in their file, and `rm` and `mv` where the patch
 *   deletes and renames; `shell`: one `git apply` of the whole. Binary files are not understood: fails with the line.
 */
export function scriptFromPatch(
  patch: string,
  how: 'edits' | 'shell' = 'edits',
  more: Omit<ScriptText, 'schema' | 'turns'> = {},
): Result<ModelScript, string> {
  const end = { finish: 'Migrated.' };
  if (patch.trim() === '') return fail('an empty patch');
  if (how === 'shell') {
    const apply = {
      shell: `git apply --whitespace=nowarn - <<'MIG_PATCH'\n${patch.replace(/\n?$/, '\n')}MIG_PATCH`,
    };
    return ok(modelScript.parse({ schema: 1, turns: [apply, end], ...more }));
  }
  const binary = /^(?:GIT binary patch|Binary files .*)$/m.exec(patch);
  if (binary !== null) return fail(`a binary file: ${binary[0]}`);
  const turns = patch
    .split(/^(?=diff --git )/m)
    .flatMap((part) => (part.startsWith('diff --git ') ? turnsOf(part) : []));
  if (turns.length === 0) return fail('nothing that begins with diff --git');
  return ok(modelScript.parse({ schema: 1, turns: [...turns, end], ...more }));
}

type TurnText = ScriptText['turns'][number];

function turnsOf(part: string): TurnText[] {
  const [head = '', ...hunks] = part.split(/^(?=@@ )/m);
  const line = (start: string): string | undefined =>
    new RegExp(`^${start}(.*)$`, 'm')
      .exec(head)?.[1]
      ?.replace(/\t$/, '')
      .replace(/^"(.*)"$/, '$1');
  const from = line('rename from ');
  const to = line('rename to ') ?? line('\\+\\+\\+ b/');
  const isNew = line('new file mode ') !== undefined;
  const old = line('--- a/') ?? /^diff --git a\/(.*) b\//.exec(head)?.[1];
  if (line('deleted file mode ') !== undefined) return [{ shell: `rm -- ${quoted(old ?? '')}` }];
  const path = to ?? /^diff --git a\/.* b\/(.*)$/m.exec(head)?.[1] ?? '';
  const moved = from === undefined ? [] : [{ shell: `mkdir -p -- ${quoted(folderOf(path))} && mv -- ${quoted(from)} ${quoted(path)}` }]; // prettier-ignore
  const made = isNew && hunks.length === 0 ? [{ shell: `: > ${quoted(path)}` }] : [];
  const mode = /^(?:new file mode|new mode) 100(755|644)$/m.exec(head)?.[1];
  const chmod =
    mode === undefined || (isNew && mode === '644') ? [] : [{ shell: `chmod ${mode} -- ${quoted(path)}` }];
  return [...moved, ...made, ...hunks.map((hunk) => ({ edit: editOf(path, hunk) })), ...chmod];
}

function editOf(path: string, hunk: string): Edit {
  const sides = { old: '', new: '' };
  let last = '';
  for (const line of hunk.split('\n').slice(1)) {
    const kind = line[0] ?? '';
    const text = `${line.slice(1)}\n`;
    if (kind === ' ' || kind === '-') sides.old += text;
    if (kind === ' ' || kind === '+') sides.new += text;
    // "\ No newline at end of file" is about the line before it
    if (kind === '\\' && last !== '+') sides.old = sides.old.slice(0, -1);
    if (kind === '\\' && last !== '-') sides.new = sides.new.slice(0, -1);
    last = kind;
  }
  return { path, ...sides };
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

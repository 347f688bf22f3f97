import type { Json } from '../../model/json.ts';
import { allWords, at, list } from './json-access.ts';
import type { ModelRequest, OfferedTool } from './request.ts';
import type { Edit } from './script.ts';
import { fillArguments, NEW, OLD, PATH, propertyOf, readTool } from './tools.ts';

export interface NativeEdit {
  readonly tool: OfferedTool;
  readonly arguments: Readonly<Record<string, Json>>;
  /** What some agents insist on before they edit a file; null where the agent offers nothing of the kind. */
  readonly read: { readonly tool: OfferedTool; readonly arguments: Readonly<Record<string, Json>> } | null;
}

/** An edit by the agent's own tool for replacing a piece of a text; undefined where it offers none. */
export function nativeEdit(request: ModelRequest, edit: Edit): NativeEdit | undefined {
  const tool = request.tools.find(({ name, schema }) =>
    /edit|replace/i.test(name) && [PATH, OLD, NEW].every((key) => propertyOf(schema, key) !== undefined),
  ); // prettier-ignore
  if (tool === undefined) return undefined;
  const named = (key: RegExp): string => propertyOf(tool.schema, key) ?? '';
  const command = at(tool.schema, 'properties', 'command');
  const creates = edit.old === '' && list(at(command, 'enum')).includes('create');
  const read = readTool(request.tools);
  return {
    tool,
    arguments: fillArguments(tool.schema, null, {
      ...(command === undefined ? {} : { command: creates ? 'create' : 'str_replace' }),
      ...(creates ? { file_text: edit.new } : {}),
      [named(PATH)]: placeOf(request, tool, edit.path),
      [named(OLD)]: edit.old,
      [named(NEW)]: edit.new,
    }),
    read:
      read === undefined || edit.old === ''
        ? null
        : {
            tool: read,
            arguments: fillArguments(read.schema, null, {
              [propertyOf(read.schema, PATH) ?? '']: placeOf(request, read, edit.path),
            }),
          },
  };
}

/** Absolute where the tool asks for that and the agent says where it works. */
function placeOf(request: ModelRequest, tool: OfferedTool, path: string): string {
  const key = propertyOf(tool.schema, PATH) ?? '';
  const wants = allWords(at(tool.schema, 'properties', key));
  if (key !== 'absolute_path' && !/absolute/i.test(wants)) return path;
  // "working directory: /a/b", "in the directory: /a/b", "<cwd>/a/b</cwd>": with no other words between
  const folder = /(?:directory|workspace|cwd)[ :>"'`]{0,6}(?:is[ :"'`]{1,3})?(\/[^\s"'`<>,)]+)/i;
  const found = folder.exec(request.words)?.[1];
  return found === undefined ? path : `${found.replace(/[/.]+$/, '')}/${path}`;
}

/** Whether the last result of a tool tells of an edit that was not made. A doubt costs one more, harmless, edit by shell. */
export function seemsFailed(result: string): boolean {
  return /error|fail|not found|no such|has not been read|must (?:first )?read|invalid|denied/i.test(result);
}

const EDIT = `import json, os, sys
path, old, new = json.load(sys.stdin)
text = open(path, encoding="utf-8", newline="").read() if os.path.exists(path) else ""
if text.count(old) == 1 or (old == "" and text == ""):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    open(path, "w", encoding="utf-8", newline="").write(text.replace(old, new, 1) if old else new)
elif new == "" or new not in text:
    sys.exit("%s: the piece stands there %d times" % (path, text.count(old)))
print("edited", path)`;

/** The same by a command line; done again it changes nothing. Needs `python3`. */
export function editCommand(edit: Edit): string {
  return `python3 -c '${EDIT}' <<'MIG_EDIT'\n${JSON.stringify([edit.path, edit.old, edit.new])}\nMIG_EDIT`;
}

/** The same as a block of text, for agents without tools. */
export function searchReplace(edit: Edit): string {
  const lines = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
  return `${edit.path}\n\`\`\`\n<<<<<<< SEARCH\n${lines(edit.old)}=======\n${lines(edit.new)}>>>>>>> REPLACE\n\`\`\`\n`;
}

import { fail, ok, type Result } from '../model/result.ts';

/** One instruction of a Dockerfile, with variables put in but not yet split into words. */
export interface Instruction {
  readonly line: number;
  readonly name: string;
  readonly rest: string;
}
/** What is wrong, and where. */
export interface DockerfileProblem {
  readonly line: number;
  readonly problem: string;
}

const KNOWN = [
  'FROM',
  'ARG',
  'ENV',
  'RUN',
  'COPY',
  'WORKDIR',
  'USER',
  'LABEL',
  'ENTRYPOINT',
  'CMD',
  'EXPOSE',
];

/**
 * Reads the part of the Dockerfile language that agents' images need: one stage, instructions of `KNOWN`, line
 * continuations, comments. Everything else (stages, heredocs, mounts, ADD, SHELL) is named as a problem, not ignored.
 */
export function parseDockerfile(text: string): Result<readonly Instruction[], DockerfileProblem> {
  const instructions: Instruction[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    let first = 0;
    let joined = '';
    for (; at < lines.length; at++) {
      const line = lines[at] ?? '';
      // Comments and, behind a continuation, empty lines too belong to no instruction.
      if (line.trimStart().startsWith('#') || (joined !== '' && line.trim() === '')) continue;
      if (first === 0) first = at + 1;
      const goesOn = /\\\s*$/.test(line);
      joined += goesOn ? line.replace(/\\\s*$/, '') : line;
      if (!goesOn) break;
    }
    const parts = /^\s*(\S+)\s*([^]*)$/.exec(joined);
    if (parts?.[1] === undefined) continue;
    const [name, rest] = [parts[1].toUpperCase(), (parts[2] ?? '').trim()];
    const problem = problemOf(name, rest, instructions);
    if (problem !== undefined) return fail({ line: first, problem });
    instructions.push({ line: first, name, rest });
  }
  if (!instructions.some(({ name }) => name === 'FROM'))
    return fail({ line: 1, problem: 'there is no FROM' });
  return ok(instructions);
}

function problemOf(name: string, rest: string, before: readonly Instruction[]): string | undefined {
  if (!KNOWN.includes(name))
    return `${name} is not supported in an agent's Dockerfile (known: ${KNOWN.join(', ')})`;
  if (rest === '') return `${name} says nothing`;
  const based = before.some((instruction) => instruction.name === 'FROM');
  if (name === 'FROM' && based) return 'a second FROM: stages are not supported';
  if (name === 'FROM' && /\s/.test(rest)) return 'FROM takes the name of an image alone';
  if (!based && name !== 'FROM' && name !== 'ARG') return `${name} before FROM`;
  if ((name === 'RUN' || name === 'COPY') && /<<-?\s*["']?[A-Za-z]/.test(rest))
    return 'heredocs are not supported';
  if (name === 'RUN' && rest.startsWith('--')) return 'flags of RUN are not supported';
  if (name === 'COPY' && /(^|\s)--(?!chown=|chmod=)/.test(rest))
    return 'of the flags of COPY only --chown and --chmod are supported';
  return undefined;
}

/** Puts `$name`, `${name}` and `${name:-default}` in; `\$` stays a dollar sign. Names that are not set become empty. */
export function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\\\$|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$([A-Za-z_]\w*)/g,
    (all, braced: string | undefined, fallback: string | undefined, plain: string | undefined) => {
      if (all === '\\$') return '$';
      const value = values[braced ?? plain ?? ''] ?? '';
      return value === '' ? (fallback ?? '') : value;
    },
  );
}

/** Words as the Dockerfile language splits them: at blanks outside quotes, quotes removed. A JSON list is itself. */
export function words(text: string): readonly string[] {
  const list = jsonList(text);
  if (list !== undefined) return list;
  const found = text.match(/(?:[^\s"']+|"(?:\\.|[^"\\])*"|'[^']*')+/g) ?? [];
  return found.map((word) =>
    word.replaceAll(
      /"((?:\\.|[^"\\])*)"|'([^']*)'/g,
      (_all, double: string | undefined, single: string | undefined) =>
        double === undefined ? (single ?? '') : double.replaceAll(/\\(.)/g, '$1'),
    ),
  );
}

/** The exec form, `["a", "b"]`; undefined for the shell form. */
export function jsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Pairs of ENV, LABEL and ARG: `a=b c="d e"`, or the old form `a rest of line`. */
export function pairs(text: string): readonly (readonly [string, string])[] {
  if (!/^[^\s=]+=/.test(text)) {
    const [, key, value] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
    return key === undefined ? [] : [[key, value ?? '']];
  }
  return words(text).map((word) => {
    const at = word.indexOf('=');
    return at === -1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
  });
}

import { existsSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { Background, standardModules } from './background.ts';
import { credentialIn } from './credentials.ts';
import { installedIn } from './distributions.ts';
import { gitFindings } from './git-findings.ts';
import { knownDigest } from './known-digests.ts';
import { Look, type Where } from './look.ts';
import { lookAtPlace } from './look-places.ts';
import { ENGINE_SOCKET, ledFindings, placeFindings } from './place-findings.ts';
import type { Remembered } from './remembered.ts';
import type { AuditReport, AuditRequest, Place, StartText } from './request.ts';

/**
 * Looks at everything that one start of an agent is about to get. Findings are no failure here: who starts the agent
 * refuses to. Fails where the workspace's repository cannot be read, or the image.
 */
export async function auditStart(request: AuditRequest): Promise<Result<AuditReport, Failure>> {
  const started = performance.now();
  const look = new Look(request.answer, request.secrets);
  const { places, bounds, workspace, answer } = request;
  const ours = { path: '', side: 'ours' } as const;
  for (const { rule, at, what } of [...placeFindings(places, bounds), ...ledFindings(places, bounds)])
    if (!look.findings.some((known) => known.place === at && known.rule === rule))
      look.add({ ...ours, place: at }, rule, what);
  const git = gitFindings(workspace, answer.beforeTree);
  const background = new Background(() => libraryFiles(places, look));
  const readable = places.filter(({ host }) => existsSync(host));
  const covered = new Set(places.map(({ at }) => at));
  const hosts = readable.map(({ host }) => host);
  const refused = new Set(look.findings.filter(({ rule }) => /^mount-(?:data|hidden|socket|path)$/.test(rule)).map(({ place }) => place));
  // a mount that must not be there is not looked into: it may be a whole disk
  const { remembered } = request;
  for (const place of readable.filter(({ at }) => !refused.has(at)))
    await lookAtPlace({ look, bounds, hosts, covered, background, remembered }, place);
  for (const text of request.texts) lookAtText(look, text, request.granted, background);
  const { given, allowed } = request.variables;
  for (const name of given.filter((one) => !allowed.includes(one))) {
    const what = 'a variable of the host that the manifest does not name';
    look.add({ ...ours, place: `variable ${name}` }, 'extra-variable', what);
  }
  const image = request.image === null ? ok(undefined) : await lookAtImage(look, request.image, background, remembered);
  if (!image.ok) return image;
  const repository = await git;
  if (!repository.ok) return repository;
  const at = places.find(({ kind }) => kind === 'workspace')?.at ?? '/workspace';
  for (const { rule, path: where, what } of repository.value) look.add({ place: at, path: where, side: 'ours' }, rule, what);
  const seconds = Math.round(performance.now() - started) / 1000;
  return ok({
    schema: 1,
    findings: look.findings,
    looked: { files: look.files, bytes: look.bytes, seconds },
    unlooked: look.unlooked.slice(0, 20),
  });
} // prettier-ignore

function lookAtText(
  look: Look,
  { what, text, side }: StartText,
  granted: readonly string[],
  background: Background,
): void {
  const where: Where = { place: what, path: '', side, strictness: 'full', background };
  const secret = granted.includes(text) ? undefined : credentialIn(what, text);
  if (secret !== undefined && !granted.includes(secret))
    look.add(where, 'credential', 'a credential', secret);
  if (ENGINE_SOCKET.test(text)) look.add(where, 'mount-socket', "the address of a container engine's socket");
  look.content(where, Buffer.from(text));
}

async function lookAtImage(
  look: Look,
  image: NonNullable<AuditRequest['image']>,
  background: Background,
  remembered: Remembered,
): Promise<Result<void, Failure>> {
  let broken: Failure | undefined;
  const all = async (): Promise<void> => {
    for await (const read of image.files()) {
      if (!read.ok) {
        broken = read.failure;
        throw new Unread();
      }
      const { path: file, content } = read.value;
      const where: Where = { place: 'image', path: file, side: 'agent', strictness: 'lines', background };
      look.name(where);
      if (content === null) look.unlooked.push(`image/${file}`);
      else if (!isProgram(content)) look.content(where, content);
    }
  };
  try {
    await remembered.once(look, `image ${image.id}`, all);
  } catch (error) {
    if (!(error instanceof Unread) || broken === undefined) throw error;
    return fail(broken);
  }
  return ok(undefined);
}

/** An image that could not be read to its end, of which nothing is remembered. */
class Unread extends Error {}

/** Machine code: it holds no text of Python's worth looking for, and images are full of it. */
function isProgram(content: Buffer): boolean {
  return content.toString('latin1', 0, 4) === '\x7fELF';
}

/** Files of libraries that are what their records say, and the interpreter's own modules. */
function libraryFiles(places: readonly Place[], look: Look): string[] {
  return places.flatMap(({ kind, host }) => {
    if (kind === 'interpreter') return standardModules(host);
    if (kind !== 'environment') return [];
    return [...installedIn(host).files].flatMap(([name, { distribution, hash }]) => {
      const file = path.join(host, name);
      const status = name.endsWith('.py') ? lstatSync(file, { throwIfNoEntry: false }) : undefined;
      if (status?.isFile() !== true || look.isProject(distribution)) return [];
      if (hash === null) return look.answer.libraries.has(distribution) ? [file] : [];
      return knownDigest(file, status, () => readFileSync(file)) === hash ? [file] : [];
    });
  });
}

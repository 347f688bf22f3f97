import { sha256 } from '../workspace/disk.ts';
import { type Answer, normalName } from './answer.ts';
import type { Background } from './background.ts';
import { blobId } from './blob-id.ts';
import { DEEPEST, innerContents, UNPACKED_BYTES } from './containers.ts';
import { releaseNamed } from './distributions.ts';
import { Judge, type Strictness } from './judge.ts';
import { isLater } from './project.ts';
import type { AuditRule, Finding } from './request.ts';

/** A content's place, and how it is judged. `listed`: a library's own file, for which only whole files count. */
export interface Where {
  readonly place: string;
  readonly path: string;
  readonly side: Finding['side'];
  readonly strictness: Strictness | 'listed';
  readonly background: Background;
}

/** Folders below which the path of an installed file begins anew. */
const PACKAGES = /^.*\/(?:site|dist)-packages\//;

/** Looks into contents for one start, and collects what is found. */
export class Look {
  readonly findings: Finding[] = [];
  readonly unlooked: string[] = [];
  files = 0;
  bytes = 0;
  readonly answer: Answer;
  readonly #judge: Judge;
  readonly secrets: readonly string[];
  readonly #secrets: readonly Buffer[];
  readonly #projects: ReadonlySet<string>;

  constructor(answer: Answer, secrets: readonly string[]) {
    this.answer = answer;
    this.#judge = new Judge(answer);
    this.secrets = secrets;
    this.#secrets = secrets.map((secret) => Buffer.from(secret));
    this.#projects = new Set(answer.project.names.map(normalName));
  }

  add(
    { place, path, side }: Pick<Where, 'place' | 'path' | 'side'>,
    rule: AuditRule,
    what: string,
    proof: string | Buffer = '',
  ): void {
    const evidence =
      proof.length === 0 ? '' : `sha256 ${sha256(proof).slice(0, 12)}, ${proof.length} characters`;
    this.findings.push({ place, path, what, rule, evidence, side });
  }

  /** Whether this is a distribution of the migrated package. */
  isProject(distribution: string): boolean {
    return this.#projects.has(distribution);
  }

  /** What the path of a file or folder gives away by itself. */
  name(where: Where): void {
    const { path: file } = where;
    // folders are no entries of archives and images: their metadata files speak for them
    const named = isInArchive(where) ? file.replace(/\/(?:METADATA|PKG-INFO)$/, '') : file;
    const release = releaseNamed(named.slice(named.lastIndexOf('/') + 1));
    if (release !== undefined && this.isProject(release.project) && isLater(release.version, this.answer.project))
      this.add(where, 'migrated-package', `the migrated package itself, version ${release.version}`);
    if (where.strictness !== 'listed' && this.#isHiddenTest(file))
      this.add(where, 'hidden-test-path', 'a file with the path of a hidden test', file);
  } // prettier-ignore

  /** Looks into a content and all that it holds in another form; answers whether there was anything. */
  content(where: Where, content: Buffer): boolean {
    this.files++;
    this.bytes += content.length;
    return this.#into(where, content, 0, { left: UNPACKED_BYTES });
  }

  #into(where: Where, content: Buffer, depth: number, budget: { left: number }): boolean {
    const { answer } = this;
    const known = answer.fileSizes.has(content.length) || answer.beforeSizes.has(content.length);
    const id = known ? blobId(content, answer.format) : '';
    const whole = answer.files.get(id);
    if (whole !== undefined && (where.strictness !== 'listed' || whole.test || isSamePlace(where.path, whole.path))) {
      const [rule, of] = whole.test ? (['hidden-test', 'hidden tests'] as const) : (['answer-file', 'the answer'] as const);
      this.add(where, rule, `a whole file of ${of}`, content);
      return true;
    }
    if (answer.before.has(id) || where.strictness === 'listed') return false;
    let found = this.#plain(where, content);
    const verdict = this.#judge.verdict(content, where.strictness, where.background);
    if (verdict !== undefined) {
      this.add(where, verdict.rule, verdict.what, verdict.proof.join('\n'));
      found = true;
    }
    if (depth >= DEEPEST) return found;
    for (const { name, content: inside } of innerContents(content, budget.left)) {
      budget.left -= inside.length;
      const inner = { ...where, path: `${where.path}!${name}` };
      this.name(inner);
      if (this.#into(inner, inside, depth + 1, budget)) found = true;
    }
    return found;
  } // prettier-ignore

  /** Ids, links, secrets, and repositories in one file. */
  #plain(where: Where, content: Buffer): boolean {
    const before = this.findings.length;
    const { commits, repository } = this.answer;
    for (const commit of commits)
      if (holdsId(content, commit)) this.add(where, 'commit-id', 'the id of a commit of the migration', commit);
    if (repository !== null) {
      const link = new RegExp(`${repository.replace(/[.+]/g, '\\$&')}(?:\\.git)?/(?:commits?|pulls?|compare|releases|archive)/`, 'i');
      const near = link.exec(content.includes('/com') || content.includes('/pull') || content.includes('/releases/') || content.includes('/archive/') ? content.toString('latin1') : '');
      if (near !== null) this.add(where, 'commit-link', 'a link into the history of the repository', near[0]);
    }
    for (const secret of this.#secrets)
      if (content.includes(secret)) this.add(where, 'host-secret', 'a secret of the host', secret);
    const start = content.toString('latin1', 0, 16);
    if (/^# v\d git bundle/.test(start) || start.startsWith('PACK\0\0\0'))
      this.add(where, 'git-bundle', 'objects of a repository in one file');
    return this.findings.length > before;
  } // prettier-ignore

  #isHiddenTest(file: string): boolean {
    const { testPaths } = this.answer;
    for (let rest = file; ; rest = rest.slice(rest.indexOf('/') + 1)) {
      if (testPaths.has(rest) && (rest.includes('/') || rest === file)) return true;
      if (!rest.includes('/')) return false;
    }
  }
}

const isInArchive = ({ place, path: file }: Where): boolean => place === 'image' || file.includes('!');

/** The full id, or its beginning of seven digits or more, as a word. */
function holdsId(content: Buffer, id: string): boolean {
  const short = id.slice(0, 7);
  for (let at = content.indexOf(short); at >= 0; at = content.indexOf(short, at + 1)) {
    if (at > 0 && /\w/.test(content.toString('latin1', at - 1, at))) continue;
    const word = /^\w*/.exec(content.toString('latin1', at, at + 65))?.[0] ?? '';
    if (id.startsWith(word)) return true;
  }
  return false;
}

/** Whether an installed file lies where the repository's own file would be installed. */
function isSamePlace(file: string, answer: string): boolean {
  const module = file.replace(PACKAGES, '');
  return answer === module || answer === `src/${module}` || answer === `lib/${module}`
    || (module.includes('/') && answer.endsWith(`/${module}`));
} // prettier-ignore

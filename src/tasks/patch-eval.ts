import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PatchArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Score } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { Json } from '../model/json.ts';
import type { Migration } from '../model/migration.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import { patchScore, type PatchScore } from '../scoring/patch-score.ts';
import { sha256, writeAtomically } from '../workspace/disk.ts';
import { tellScore } from './score-told.ts';

/** What `patch_eval` of one candidate needs to know. */
export interface PatchEvalContext {
  readonly migration: Migration;
  /** `score/<unit>/<variant>~<testing>/patch_eval`. */
  readonly outputDir: string;
  /** Coding and testing variant, as in the folder's name. */
  readonly variant: string;
}

/** Scores a patch against the ground truth: `score.json` (and `labels.json`, the labels that were used). Hidden. */
export function definePatchEval(context: PatchEvalContext): Task<PatchScore> {
  const { migration } = context;
  const libraries = (side: Migration['source']): Json =>
    side.map(({ name, importNames }) => ({ name, importNames: [...importNames] }));
  return {
    id: 'patch_eval',
    unit: migration.id,
    variant: context.variant,
    needs: [
      { task: 'coding_agent', port: 'patch' },
      { task: 'repo_dl', port: 'before' },
      { task: 'repo_dl', port: 'after' },
      { task: 'repo_dl', port: 'labels' },
    ],
    provides: [{ name: 'score', visibility: 'hidden' }],
    codeVersion: 3,
    params: { source: libraries(migration.source), target: libraries(migration.target) },
    acceptsAny: [],
    inputFiles: [],
    knownPorts: {},
    outputDir: context.outputDir,
    shared: false,
    run: (work) => work.limited('cpu', () => evaluate(work, migration)),
    load: loadPatchScore,
  };
}

async function evaluate(work: TaskWork, migration: Migration): Promise<Result<Completion, Failure>> {
  if (work.signal.aborted) return fail({ class: 'cancelled', reason: 'cancelled' });
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const [
    { calibrate, calibrationProblem },
    { resolveLabels },
    { scorePatch },
    { SourceReader },
    { applyPatch },
    { openTrees, readWhatIsNeeded },
  ] = await Promise.all([
    import('../scoring/calibration.ts'),
    import('../scoring/derive-labels.ts'),
    import('../scoring/score-patch.ts'),
    import('../scoring/source-reader.ts'),
    import('../workspace/patch.ts'),
    import('./tree-views.ts'),
  ]);
  const repo = work.artefact<RepoArtefact>('repo_dl');
  const attempt = work.artefact<PatchArtefact>('coding_agent');
  const file = path.join(attempt.dir, 'migration.patch');
  const patch = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);

  work.progress('applying the patch');
  const applied = await applyPatch(repo.dir, repo.beforeTree, patch, work.scratchDir);
  let candidate = { repo: repo.dir, tree: repo.beforeTree };
  let how: PatchScore['apply'];
  if (applied.ok) {
    candidate = { repo: applied.value.objects, tree: applied.value.tree };
    how = applied.value.how;
  } else if (applied.failure.reason === 'git-failed') return fail(applied.failure);
  else {
    // A patch that cannot go on changes nothing: it is scored as the untouched tree.
    how = applied.failure.reason;
    writeAtomically(path.join(work.logDir, 'apply.log'), `${applied.failure.detail}\n`);
  }

  const trees = await openTrees(candidate.repo, repo.beforeTree, repo.afterTree, candidate.tree);
  if (!trees.ok) return trees;
  work.progress('comparing with the ground truth');
  const scored = await readWhatIsNeeded(trees.value, ([before, after, found]) => {
    const given = {
      before,
      after,
      source: migration.source,
      target: migration.target,
      reader: new SourceReader(),
    };
    const resolved = resolveLabels(migration.labels, given);
    const calibration = calibrate({ ...given, labels: resolved.labels });
    const metrics = scorePatch({ ...given, candidate: found, labels: migration.labels, resolved });
    return { ...resolved, calibration, metrics };
  });
  if (!scored.ok) return scored;

  const { labels, used, calibration, metrics } = scored.value;
  const problem = calibrationProblem(calibration);
  const score: PatchScore = {
    schema: 1,
    ...metrics,
    ...(problem === null ? {} : { status: 'unscored', why: `calibration: ${problem}`, editF1: null }),
    apply: how,
    calibration,
  };
  const text = `${JSON.stringify(score, null, 2)}\n`;
  writeAtomically(path.join(work.dir, 'score.json'), text);
  writeAtomically(
    path.join(work.dir, 'labels.json'),
    `${JSON.stringify({ used, files: labels }, null, 2)}\n`,
  );
  return ok({
    outcome: score.status,
    ports: { score: sha256(text) },
    files: ['score.json', 'labels.json'],
    usage: tellScore(patchEvalScore(score)),
    ...(score.why === null ? {} : { note: score.why }),
  });
}

/** Reads `score.json` back by its schema. */
export function loadPatchScore(dir: string): Result<PatchScore, string> {
  const file = path.join(dir, 'score.json');
  try {
    const parsed = patchScore.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success
      ? ok(parsed.data)
      : fail(`score.json: ${parsed.error.issues[0]?.message ?? 'unfit'}`);
  } catch (error) {
    return fail(`score.json: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The score as summaries show it: editF1, or why there is none. */
export function patchEvalScore(score: PatchScore): Score {
  if (score.status !== 'scored' || score.editF1 === null) {
    return {
      status: score.status === 'not_applicable' ? 'not_applicable' : 'unscored',
      why: score.why ?? 'no labelled line differs',
    };
  }
  const { aliased, small, one_sided, syntax, vacuous } = score.flags;
  const marks = Object.entries({ aliased, small, one_sided, syntax, vacuous })
    .filter(([, holds]) => holds)
    .map(([name]) => name);
  if (score.apply === 'conflict' || score.apply === 'malformed') marks.push(`apply: ${score.apply}`);
  return { status: 'scored', value: score.editF1, ...(marks.length === 0 ? {} : { marks }) };
}

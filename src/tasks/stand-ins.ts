import type { PatchArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import type { UnitId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import { ok, type Result } from '../model/result.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import { agentDigest, type Agent } from '../runners/agents.ts';
import type { AttemptRecord } from '../runners/attempt.ts';
import { completionOf, loadAttempt, PATCH_PORT } from './coding-agent.ts';
import type { HalfLabels } from './half-patch.ts';

/** What a stand-in is made of: no runtime, no limits, nothing to choose. */
export interface StandInContext {
  readonly unit: UnitId;
  readonly variant: string;
  readonly outputDir: string;
  readonly agent: Agent;
}

/**
 * `gold` in the place of `coding_agent`: its patch is the developers' own. It reads the hidden later tree, so
 * it is another node, outside the visibility rule of agents, and never runs beside one.
 */
export function defineGold(context: StandInContext): Task<PatchArtefact> {
  const gold = standIn(context, {
    needs: [
      { task: 'repo_dl', port: 'before' },
      { task: 'repo_dl', port: 'after' },
    ],
    patch: async (repo) => {
      const { diffTrees } = await import('../workspace/patch.ts');
      return diffTrees(repo.dir, repo.beforeTree, repo.afterTree);
    },
    none: 'the trees before and after are the same',
  });
  return { ...gold, standIn: 'gold' };
}

/** `noop` in the place of `coding_agent`: no patch. */
export function defineNoop(context: StandInContext): Task<PatchArtefact> {
  return standIn(context, {
    needs: [{ task: 'repo_dl', port: 'before' }],
    patch: () => Promise.resolve(ok({ patch: Buffer.alloc(0), files: [] })),
    none: 'noop changes nothing',
  });
}

/**
 * `half` in the place of `coding_agent`: about half of the developers' labelled migration, to see that the measure
 * tells it from all and from nothing. Hidden ports as for `gold`. Where a migration has no half the outcome is
 * `no-patch` and says so.
 */
export function defineHalf(
  context: StandInContext & { readonly migration: HalfLabels },
): Task<PatchArtefact> {
  const { labels, source, target } = context.migration;
  const names = (side: HalfLabels['source']): Json => side.map(({ importNames }) => [...importNames]);
  const half = standIn(context, {
    needs: [
      { task: 'repo_dl', port: 'before' },
      { task: 'repo_dl', port: 'after' },
      { task: 'repo_dl', port: 'labels' },
    ],
    // What derived labels are found by.
    params: { source: names(source), target: names(target) },
    patch: async (repo, scratchDir) => {
      // Loaded here and not above: a run with nothing to do must not pay for it.
      const { halfPatch } = await import('./half-patch.ts');
      return halfPatch(repo, { labels, source, target }, scratchDir);
    },
    none: 'half: n/a',
  });
  return { ...half, standIn: 'half' };
}

/** A stand-in's patch; `why` is what there is to say where it is empty. */
interface MadePatch {
  readonly patch: Buffer;
  readonly files: string[];
  readonly why?: string | null;
}

interface StandIn {
  readonly needs: Task['needs'];
  readonly params?: Readonly<Record<string, Json>>;
  readonly patch: (repo: RepoArtefact, scratchDir: string) => Promise<Result<MadePatch, Failure>>;
  /** Why there is no patch, where the patch itself does not say. */
  readonly none: string;
}

function standIn(context: StandInContext, { needs, params = {}, patch, none }: StandIn): Task<PatchArtefact> {
  const { agent } = context;
  const digest = agentDigest(agent);
  const run = async (work: TaskWork): Promise<Result<Completion, Failure>> => {
    const made = await patch(work.artefact<RepoArtefact>('repo_dl'), work.scratchDir);
    if (!made.ok) return made;
    const { writeAttempt } = await import('../runners/attempt-outcome.ts');
    const { patch: bytes, files, why = null } = made.value;
    const record: AttemptRecord = {
      schema: 1,
      agent: { name: agent.name, version: agent.manifest.version, digest },
      model: null,
      outcome: bytes.length === 0 ? 'no-patch' : 'patch',
      why: bytes.length === 0 ? (why ?? none) : '',
      exitCode: null,
      ended: 'not-started',
      trust: 'sealed',
      runtime: null,
      door: null,
      seconds: 0,
      outputBytes: 0,
      limits: {},
      mounts: [],
      variables: [],
      environment: { mounted: false, why: 'a stand-in needs none' },
      patch: { bytes: bytes.length, files, from: 'stand-in', skipped: [], excluded: [], exclusions: [] },
      ledger: null,
      ownUsage: null,
      output: { files: [], leftOut: [] },
    };
    writeAttempt(work.dir, bytes, record);
    return ok(completionOf(work.dir, record));
  };
  return {
    id: 'coding_agent',
    unit: context.unit,
    variant: context.variant,
    needs,
    provides: [PATCH_PORT],
    codeVersion: 2,
    params: { agent: agent.name, agentVersion: agent.manifest.version, agentDigest: digest, ...params },
    acceptsAny: [],
    inputFiles: [],
    knownPorts: {},
    outputDir: context.outputDir,
    shared: false,
    run,
    load: loadAttempt,
  };
}

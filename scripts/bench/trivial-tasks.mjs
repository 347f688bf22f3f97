// The shape of the real graph with tasks that do next to nothing, for many units.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Needs of each task, and where its output lies. */
const GRAPH = {
  repo_dl: [[], 'repos'],
  env_setup: [['repo_dl'], 'envs'],
  helper_test: [['repo_dl', 'env_setup'], 'input-tests'],
  eval_test: [['repo_dl', 'env_setup'], 'eval-tests'],
  coding_agent: [['repo_dl', 'env_setup', 'helper_test'], 'trajectories'],
  patch_eval: [['coding_agent', 'repo_dl'], 'score/patch_eval'],
  unit_test_eval: [['coding_agent', 'repo_dl', 'eval_test', 'env_setup'], 'score/unit_test_eval'],
};
const LISTED = ['result.json', 'record.json'];

export const TASKS_OF_A_UNIT = Object.keys(GRAPH).length;

/** Units whose tasks write two small files each; one input file is common to all. */
export function trivialUnits({ DAGExecutor, sha256 }, dataDir, count) {
  mkdirSync(dataDir, { recursive: true });
  const shared = path.join(dataDir, 'input.yaml');
  writeFileSync(shared, 'name: bench\n'.repeat(100));
  return Array.from({ length: count }, (_, number) => {
    const unit = `a__b__owner@repository__${number.toString(16).padStart(8, '0')}`;
    const tasks = Object.entries(GRAPH).map(([id, [needs, folder]]) => ({
      id,
      unit,
      variant: id.endsWith('_eval') || id === 'coding_agent' ? 'bench' : null,
      needs: needs.map((task) => ({ task, port: 'result' })),
      provides: [{ name: 'result', visibility: 'public' }],
      codeVersion: 1,
      params: { runtime: 'local', limits: { cpus: 2, wallMs: 60_000 }, unit },
      acceptsAny: ['runtime'],
      inputFiles: id === 'coding_agent' ? [{ name: 'manifest.yaml', path: shared }] : [],
      knownPorts: {},
      outputDir: path.join(dataDir, folder, unit),
      shared: false,
      run: (work) => {
        const text = JSON.stringify({ id, unit, read: needs.map((need) => work.artefact(need).id) });
        for (const name of LISTED) writeFileSync(path.join(work.dir, name), text);
        return Promise.resolve({
          ok: true,
          value: { outcome: 'done', ports: { result: sha256(text) }, files: LISTED },
        });
      },
      load: (dir) => ({ ok: true, value: JSON.parse(readFileSync(path.join(dir, 'result.json'), 'utf8')) }),
    }));
    /** Brings the unit up to date and checks how its tasks ended. */
    const run = async (expected) => {
      const executor = new DAGExecutor({
        tasks,
        about: { id: unit, agent: 'bench', variant: 'bench', runtime: 'local' },
        runsDir: path.join(dataDir, 'runs'),
        locksDir: path.join(dataDir, '.locks'),
      });
      const outcome = await executor.run();
      await executor.close();
      const other = outcome.tasks.find(({ state }) => state !== expected);
      if (outcome.tasks.length !== tasks.length || other !== undefined)
        throw new Error(`${unit}: ${other?.id ?? 'the run'} is not ${expected}: ${outcome.failure?.reason}`);
    };
    const outputs = tasks.map(({ outputDir }) => ({
      dir: outputDir,
      stamp: `${outputDir}.stamp.json`,
      files: LISTED.map((name) => path.join(outputDir, name)),
    }));
    return { unit, outputs, shared, run };
  });
}

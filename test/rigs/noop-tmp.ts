import { DAGExecutor } from '../../src/pipeline/executor.ts';
import { makeRig, UNIT } from './scripted-tasks.ts';
const t1 = performance.now();
const rig = makeRig(process.argv[2] ?? '');
const e = new DAGExecutor({ ...rig, about: { id: UNIT, agent: 'a', variant: 'v', runtime: null }, tasks: rig.tasks() });
const o = await e.run(); await e.close();
console.log(o.runId, 'loaded at', t1.toFixed(1), 'run took', (performance.now() - t1).toFixed(1));

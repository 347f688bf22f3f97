import { DAGExecutor } from '../../src/pipeline/executor.ts';
import { makeRig, UNIT } from './scripted-tasks.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
const dir = mkdtempSync(path.join(tmpdir(), 'mig-bench-'));
const rig = makeRig(dir);
const about = { id: UNIT, agent: 'a', variant: 'v', runtime: null };
const N = 321;
const tasksOf = (i: number) => rig.tasks().map((t) => ({ ...t, outputDir: path.join(path.dirname(t.outputDir), String(i), path.basename(t.outputDir)) }));
const N2 = N; const t0 = performance.now(); const c0 = process.cpuUsage();
for (let i = 0; i < N; i++) { const e = new DAGExecutor({ ...rig, about, tasks: tasksOf(i) }); const o = await e.run(); if (o.exitCode !== 0) throw new Error(JSON.stringify(o)); await e.close(); }
const c1 = process.cpuUsage(c0);
console.log('cold per task ms wall', (performance.now() - t0) / N / 7, 'cpu ms', (c1.user + c1.system) / 1000 / N / 7);
for (let r = 0; r < 4; r++) {
  const all = Array.from({ length: N }, (_, i) => tasksOf(i));
  const t = performance.now(); const c = process.cpuUsage();
  for (const tasks of all) { const o = await new DAGExecutor({ ...rig, about, tasks }).run(); if (o.runId !== null) throw new Error('ran'); }
  const d = process.cpuUsage(c);
  console.log('no-op 2247 ms', performance.now() - t, 'cpu', (d.user + d.system) / 1000);
}
console.log("DIR", dir);
import fs from 'node:fs';
{
  const outs = Array.from({ length: N }, (_, i) => tasksOf(i).map((t) => t.outputDir)).flat();
  for (let r = 0; r < 3; r++) {
    const c = process.cpuUsage(); const t = performance.now();
    for (const o of outs) { JSON.parse(fs.readFileSync(o + '.stamp.json', 'utf8')); fs.lstatSync(o + '/out.txt'); }
    const d = process.cpuUsage(c);
    console.log('floor: read+parse stamp, stat output: wall', performance.now() - t, 'cpu', (d.user + d.system) / 1000);
  }
}
rmSync(dir, { recursive: true });

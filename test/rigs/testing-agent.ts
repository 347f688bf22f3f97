import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readAgent } from '../../src/runners/agents.ts';
import { agentDigest } from '../../src/runners/agents.ts';
import type { TestingAgentContext } from '../../src/tasks/testing-session.ts';
import { writeFiles } from './pytest-suite.ts';

const COPIES = `import json, os, shutil, subprocess, sys
output = sys.argv[sys.argv.index('--output') + 1]
with open(os.environ['TASK_PATH']) as source:
    task = json.load(source)
here = os.path.dirname(os.path.abspath(__file__))
suite = os.path.join(here, task['mode'] if os.path.isdir(os.path.join(here, task['mode'])) else 'tests')
shutil.copytree(suite, os.path.join(output, 'tests'))
for folder, _, names in os.walk(os.path.join(output, 'tests')):
    for name in names:
        path = os.path.join(folder, name)
        with open(path) as source:
            text = source.read()
        for code in [piece.split('>>>')[0] for piece in text.split('<<<')[1:]]:
            seen = subprocess.check_output(
                [task['environment']['python'], '-c', code],
                cwd=task['workspace'],
                env=dict(os.environ, PYTHONHASHSEED='0', PYTHONPATH=task['workspace']),
            ).decode().strip()
            text = text.replace('<<<' + code + '>>>', seen)
        with open(path, 'w') as target:
            target.write(text)
with open(os.path.join(output, 'manifest.json'), 'w') as target:
    json.dump({'mode': task['mode'], 'truth': task['groundTruth'] and sorted(os.listdir(task['groundTruth']))}, target)
`;

/**
 * A testing agent that hands over these files; in them \`<<<code>>>\` is what the code prints on the tree before, as a
 * generator records it. Files below `helper/` or `eval/` are for that mode alone. `run.py` may be another program.
 */
export function scriptedTestingAgent(
  dir: string,
  files: Readonly<Record<string, string>>,
  program = COPIES,
  more = '',
): TestingAgentContext {
  const folder = path.join(dir, 'agents', 'scripted');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'agent.yaml'),
    `schema: 1\nrole: testing\nversion: '1'\ndescription: Hands over what it was made with.\ncommand: [python3, /agent/run.py]\n${more}`,
  );
  writeFiles(folder, files);
  writeFileSync(path.join(folder, 'run.py'), program);
  const agent = readAgent(folder, 'folder');
  if (!agent.ok) throw new Error(agent.failure.problem);
  return {
    agent: agent.value,
    digest: agentDigest(agent.value),
    parameters: {},
    limits: { memoryBytes: 2 ** 30, cpus: 2, pids: 128, wallMs: 60_000, idleMs: null, outputBytes: 2 ** 26 },
    dataDir: path.join(dir, 'data'),
    cacheDir: path.join(dir, 'cache'),
    hidden: [],
    hostVariables: {},
    access: null,
  };
}

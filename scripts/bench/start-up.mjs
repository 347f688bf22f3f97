// What a person waits for when there is nothing to do: whole processes beside `node -e 0`.
import path from 'node:path';
import { call, hasPython, measureCommands } from './children.mjs';
import { root } from './bundle.mjs';
import { row } from './rows.mjs';
import { breathe, scratchFolder } from './scratch.mjs';

const cli = path.join(root, 'dist', 'cli.js');

/** Nothing of the caller's own settings of Node or of this tool. */
function plainEnvironment() {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !/^(?:MIG_|NODE_|npm_)/.test(name)));
}

export async function startUp({ rounds, say }) {
  if (!hasPython()) return { leftOut: 'there is no python3 (3.9 or newer) to measure with' };
  const cwd = scratchFolder();
  const env = plainEnvironment();
  const node = process.execPath;
  const told = async (...args) => (await call([node, cli, ...args, '--json'], { cwd, env })).trim();
  const { migrations } = JSON.parse(await told('list-migrations'));
  const example = migrations.find(({ benchmark }) => benchmark === 'examples');
  if (example === undefined) return { leftOut: 'there is no bundled example' };
  const run = ['run', example.id, '--agent', 'noop', '--data-dir', path.join(cwd, 'data')];
  say(`running ${example.id} for the first time`);
  try {
    await told(...run);
  } catch (error) {
    await breathe();
    return { leftOut: `the example could not be run: ${error.message}` };
  }
  const again = JSON.parse((await told(...run)).split('\n').at(-1));
  const stale = again.tasks.filter(({ state }) => state !== 'cached').map(({ id }) => id);
  if (stale.length > 0) throw new Error(`a second run is not all cached: ${stale.join(', ')}`);
  say('measuring');
  const best = await measureCommands(
    {
      floor: [node, '-e', '0'],
      help: [node, cli, '--help'],
      cached: [node, cli, ...run],
      count: [node, cli, 'list-migrations', '--count'],
    },
    { rounds: 15 * rounds, cwd, env },
  );
  const floor = { is: 'node -e 0', ...best.floor };
  return {
    rows: [
      row('--help', best.help, floor, { ratio: 1.6 }),
      row('run of an example, all cached', best.cached, floor, { ratio: 3 }),
      row('list-migrations --count', best.count, floor),
    ],
  };
}

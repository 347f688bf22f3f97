// Races for one lock: at a line `go` on stdin tries once, says whether it got it, and holds it until stdin ends.
import { thisProcess } from '../../src/workspace/process-owner.ts';
import { tryLock } from '../../src/pipeline/lock.ts';
import { newNonce } from '../../src/pipeline/run-folder.ts';

const file = process.argv[2] ?? '';
const owner = { ...thisProcess(), nonce: newNonce(), run: 'r', since: new Date().toISOString(), folder: 'f' };
process.stdout.write('{"ready":true}\n');
process.stdin.once('data', () => {
  const attempt = tryLock(file, owner, thisProcess());
  process.stdout.write(`${JSON.stringify({ got: attempt.got })}\n`);
});

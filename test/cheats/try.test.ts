import { mkdirSync } from 'node:fs';
import { test } from 'vitest';
import { CHEATS } from './families/index.ts';
import { CheatRig, inTurns } from './grade.ts';
import { HONEST } from './honest.ts';
import { caughtBy, isCaught } from './verdict.ts';
test('x', { timeout: 3_000_000 }, async () => {
  const dir = '/tmp/grading/cheats';
  mkdirSync(dir, { recursive: true });
  const only = new RegExp(process.env['ONLY'] ?? '.');
  const rig = new CheatRig(dir, (process.env['KIND'] ?? 'local') as 'local', [...CHEATS, ...HONEST]);
  const noop = await rig.prepare();
  console.log(JSON.stringify(noop));
  const all = [...HONEST, ...CHEATS].filter(({ name }) => only.test(name));
  await inTurns(all, 2, async (one) => {
    try {
      const graded = await rig.grade(one);
      const { grade } = graded.score;
      const ok =
        'caught' in one
          ? isCaught(one, graded, noop[one.of])
          : one.earns === 'half'
            ? grade!.passRate! < 1 && grade!.passRate! > noop[one.of] && graded.score.tampered.length === 0
            : grade!.passRate === (one.earns === 'all' ? 1 : noop[one.of]) &&
              graded.score.tampered.length === 0;
      console.log(
        `${ok ? 'ok  ' : 'BAD '} ${'caught' in one ? '' : '(honest) '}${one.name} ${String(grade?.passRate)} ${grade?.resolved ? 'resolved' : ''} | ${caughtBy(graded)} | ${graded.score.watched
          .map(({ kind, seen }) => `${seen[0]}:${kind}`)
          .filter((x, i, a) => a.indexOf(x) === i)
          .join(',')} | ${graded.seconds.toFixed(1)}`,
      );
    } catch (error) {
      console.log(`FAIL ${one.name} ${String(error).slice(0, 1500)}`);
    }
  });
});

import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { CLI, cli, type CliResult } from '../rigs/cli.ts';
import { copyOf, inventory, preparedData, tracesIn, withDownloadsOf } from '../rigs/data-folder.ts';
import {
  addBadEntry,
  BAD_ENTRY,
  HEALTH_KINDS,
  healthBenchmark,
  type HealthKind,
  healthId,
} from '../rigs/health-benchmark.ts';
import { scratchFolder } from '../rigs/scratch.ts';

interface Described {
  readonly id: string;
  readonly verdict: string;
  readonly cached: boolean;
  readonly reasons: readonly { readonly reason: string; readonly message: string }[];
  readonly believable?: { readonly patch_eval: boolean; readonly unit_test_eval: boolean };
  readonly standIns?: Readonly<Record<string, { readonly patchEval: { readonly editF1?: number } }>>;
}
interface Summary {
  readonly event: string;
  readonly schema: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly migrations: readonly Described[];
}

const VALIDATED = HEALTH_KINDS.filter((kind) => kind !== 'missing');
let bench: string;
let data: string;
let first: CliResult;

const flags = (dataDir: string, dir = bench): string[] => [
  ...['--benchmark', 'health', '--benchmark-dir', dir],
  ...['--data-dir', dataDir, '--runtime', 'local'],
];
const validate = (dataDir: string, ...more: string[]): Promise<CliResult> =>
  cli(['validate', ...more, ...flags(dataDir)], { timeoutMs: 1_200_000 });
const linesOf = ({ stdout }: CliResult): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const summaryOf = (result: CliResult): Summary => linesOf(result).at(-1) as unknown as Summary;
const of = (summary: Summary, kind: HealthKind): Described =>
  summary.migrations.find(({ id }) => id === healthId(kind))!;
const ids = (kinds: readonly HealthKind[]): string[] => kinds.map(healthId);

beforeAll(async () => {
  bench = healthBenchmark(path.join(scratchFolder(), 'health'));
  addBadEntry(bench);
  data = withDownloadsOf(await preparedData('local'), path.join(scratchFolder(), 'data'));
  first = await validate(data, '--all', '--json');
}, 1_500_000);

describe('validate --all', () => {
  test('every migration has a verdict with its reasons, or says why not', () => {
    const summary = summaryOf(first);
    const said = (kind: HealthKind) => {
      const { verdict, reasons } = of(summary, kind);
      return [verdict, reasons[0]?.reason ?? ''];
    };
    expect(Object.fromEntries(HEALTH_KINDS.map((kind) => [kind, said(kind)]))).toEqual({
      blind: ['unhealthy', 'noop-resolved'],
      failing: ['unhealthy', 'no-oracle'],
      few: ['degraded', 'oracle-degraded'],
      healthy: ['healthy', ''],
      missing: ['unknown', 'folder-missing'],
      refused: ['unhealthy', 'no-environment'],
      same: ['unhealthy', 'nothing-to-migrate'],
      testless: ['unhealthy', 'no-oracle'],
    });
    for (const { reasons } of summary.migrations)
      for (const { message } of reasons) expect(message.length).toBeGreaterThan(10);
  });

  test('the totals add up, an entry that cannot be read among them; the world at fault is exit 3', () => {
    const { counts, migrations } = summaryOf(first);
    expect(counts).toEqual({ total: 9, healthy: 1, degraded: 1, unhealthy: 5, unknown: 2 });
    expect(migrations.length).toBe(9);
    expect(migrations.find(({ id }) => id.endsWith(BAD_ENTRY))).toMatchObject({
      verdict: 'unknown',
      reasons: [{ reason: 'config-invalid' }],
    });
    expect(first.code).toBe(3);
  });

  test('a migration whose tests say nothing still tells that its likeness can be believed', () => {
    const summary = summaryOf(first);
    const only = { patch_eval: true, unit_test_eval: false };
    for (const kind of ['refused', 'testless', 'blind', 'failing'] as const)
      expect(of(summary, kind).believable, kind).toEqual(only);
    expect(of(summary, 'same').believable?.patch_eval).toBe(false);
    expect(of(summary, 'healthy').believable).toEqual({ patch_eval: true, unit_test_eval: true });
    const half = of(summary, 'healthy').standIns?.['half']?.patchEval.editF1 ?? 0;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(1);
  });

  test('--json is events of each stand-in, a verdict for each migration, then one summary', () => {
    const lines = linesOf(first);
    expect(lines.filter(({ event }) => event === 'verdict').length).toBe(9);
    expect(lines.at(-1)).toMatchObject({ event: 'validation', schema: 1 });
    const own = lines.filter(({ id, event }) => id === healthId('healthy') && event === 'task-end');
    const made = (task: string) =>
      own.filter((line) => line['task'] === task && line['state'] === 'completed').length;
    expect([made('repo_dl'), made('env_setup'), made('eval_test')]).toEqual([1, 1, 1]);
    expect([made('coding_agent'), made('patch_eval'), made('unit_test_eval')]).toEqual([3, 3, 3]);
    expect(new Set(own.map((line) => line['standIn']))).toEqual(new Set(['gold', 'noop', 'half']));
    expect(first.stderr).toBe('');
    expect(tracesIn(data)).toEqual([]);
  });
});

describe('again', () => {
  test('all is cached, nothing is written and no engine is asked', async () => {
    const before = inventory(data);
    const args = ['validate', ...ids(VALIDATED), ...flags(data), '--json'];
    const again = await cli(args, { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    expect(again.code).toBe(0);
    const { migrations, counts } = summaryOf(again);
    expect(migrations.map(({ cached }) => cached)).toEqual(VALIDATED.map(() => true));
    expect(counts).toMatchObject({ total: 7, healthy: 1, unknown: 0 });
    expect(linesOf(again).filter(({ event }) => event !== 'verdict').length).toBe(1);
    expect(inventory(data)).toEqual(before);
  }, 300_000);

  test.runIf(process.getuid?.() === 0)(
    'it works with the data folder mounted read-only',
    async () => {
      const args = ['validate', ...ids(VALIDATED), ...flags(data)];
      const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
      const argv = [
        '-m',
        '--propagation',
        'private',
        'sh',
        '-c',
        script,
        data,
        process.execPath,
        CLI,
        ...args,
      ];
      const code = await new Promise((resolve) => {
        const child = execFile('unshare', argv, () => resolve(child.exitCode));
      });
      expect(code).toBe(0);
    },
    300_000,
  );

  test('what the world kept from being validated is tried again, the rest is not', async () => {
    const own = copyOf(data);
    const { migrations } = summaryOf(await validate(own, '--all', '--json'));
    const anew = migrations.filter(({ cached }) => !cached).map(({ id }) => path.basename(id));
    expect(anew.sort()).toEqual([BAD_ENTRY, healthId('missing')].sort());
  }, 120_000);

  test('a verdict that was lost is decided again from what is there, without running anything', async () => {
    const own = copyOf(data);
    const file = path.join(own, 'validation', healthId('healthy'), 'existing.json');
    const told = JSON.parse(readFileSync(file, 'utf8')) as object;
    rmSync(file);
    const again = await validate(own, healthId('healthy'), '--json');
    expect(summaryOf(again).migrations[0]).toMatchObject({ verdict: 'healthy', cached: false });
    const states = linesOf(again).flatMap(({ event, state }) => (event === 'task-end' ? [state] : []));
    expect(new Set(states)).toEqual(new Set(['cached']));
    const now = JSON.parse(readFileSync(file, 'utf8')) as object;
    expect({ ...now, decidedAt: '' }).toEqual({ ...told, decidedAt: '' });
    expect(readFileSync(file, 'utf8')).not.toContain(path.dirname(own));
  }, 120_000);
});

describe('a change', () => {
  const verdictShown = async (own: string, dir: string): Promise<string> => {
    const { stdout } = await cli(['show', healthId('healthy'), ...flags(own, dir)]);
    return /^verdict +(.*)$/m.exec(stdout)?.[1] ?? '';
  };

  test('in the entry makes the verdict stale, which is seen without running; validating again mends it', async () => {
    const [own, dir] = [copyOf(data), path.join(scratchFolder(), 'bench')];
    cpSync(bench, dir, { recursive: true });
    expect(await verdictShown(own, dir)).toMatch(/^healthy \(validated [0-9TZ:.-]+\)$/);
    appendFileSync(path.join(dir, `${healthId('healthy')}.yaml`), 'labels: all\n');
    expect(await verdictShown(own, dir)).toContain("stale: the benchmark's entry has changed since");
    const listed = await cli(['list-migrations', '--healthy', ...flags(own, dir)]);
    expect(listed.stdout).toBe('');
    expect(listed.stderr).toContain('2 of 8 have no verdict, 1 of them only one that no longer holds');
    const again = await cli(['validate', healthId('healthy'), ...flags(own, dir), '--json']);
    expect(summaryOf(again).migrations[0]).toMatchObject({
      verdict: 'healthy',
      labels: 'all',
      cached: false,
    });
    expect(await verdictShown(own, dir)).toMatch(/^healthy \(validated [0-9TZ:.-]+\)$/);
  }, 180_000);

  test('of a task itself makes it stale: a verdict of an earlier program does not count', async () => {
    const own = copyOf(data);
    const file = path.join(own, 'validation', healthId('healthy'), 'existing.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as { stamps: { task: string; code: number }[] };
    for (const stamp of record.stamps) if (stamp.task === 'eval_test') stamp.code -= 1;
    writeFileSync(file, JSON.stringify(record));
    expect(await verdictShown(own, bench)).toContain('stale: the task eval_test itself has changed since');
    expect((await cli(['list-migrations', '--healthy', ...flags(own)])).stdout).toBe('');
  }, 120_000);

  test('in the results makes it stale, seen from files alone', async () => {
    const own = copyOf(data);
    const suite = path.join(own, 'eval-tests', healthId('healthy'), 'existing.stamp.json');
    rmSync(suite);
    expect(await verdictShown(own, bench)).toContain('stale: eval_test was removed since');
    const status = await cli(['status', 'healthy', '--data-dir', own]);
    expect(status.stdout).toMatch(
      /^ {2}verdict \[existing\] {2}healthy .*stale: eval_test was removed since$/m,
    );
  }, 120_000);

  test('--force runs what is shared once', async () => {
    const own = copyOf(data);
    const forced = await validate(own, healthId('few'), '--force-all', '--json');
    const made: Record<string, number> = {};
    for (const { event, state, task } of linesOf(forced))
      if (event === 'task-end' && state === 'completed') made[String(task)] = (made[String(task)] ?? 0) + 1;
    expect(made).toEqual({
      repo_dl: 1,
      env_setup: 1,
      helper_test: 1,
      eval_test: 1,
      coding_agent: 3,
      patch_eval: 3,
      unit_test_eval: 3,
    });
    expect(summaryOf(forced).migrations[0]).toMatchObject({ verdict: 'degraded', cached: false });
  }, 180_000);
});

describe('what was found', () => {
  const list = (...more: string[]): Promise<CliResult> => cli(['list-migrations', ...more, ...flags(data)]);

  test('list-migrations lists by verdict, and says how many have none', async () => {
    const listed = async (verdict: string) =>
      (await list('--verdict', verdict)).stdout.split('\n').slice(0, -1);
    expect(await listed('healthy')).toEqual([healthId('healthy')]);
    expect(await listed('degraded')).toEqual([healthId('few')]);
    expect(await listed('unhealthy')).toEqual(ids(['blind', 'failing', 'refused', 'same', 'testless']));
    expect(await listed('none')).toEqual([healthId('missing')]);
    const healthy = await list('--healthy');
    expect(healthy.stdout).toBe(`${healthId('healthy')}\n`);
    expect(healthy.stderr).toContain('1 of 8 have no verdict; `mig-pipeline validate` finds one.');
    expect((await list('--healthy', '--verdict', 'none')).code).toBe(2);
  }, 300_000);

  test('its JSON carries the verdict of each', async () => {
    const document = JSON.parse((await list('--json')).stdout) as {
      verdicts: Record<string, number>;
      migrations: { id: string; validation: { verdict: string; stale: null } | null }[];
    };
    expect(document.verdicts).toEqual({ healthy: 1, degraded: 1, unhealthy: 5, none: 1, stale: 0 });
    const verdict = (kind: HealthKind) =>
      document.migrations.find(({ id }) => id === healthId(kind))?.validation;
    expect(verdict('healthy')).toMatchObject({ verdict: 'healthy', stale: null, reasons: [] });
    expect(verdict('missing')).toBeNull();
  }, 300_000);

  test('show says the verdict, why, and how strong the tests are', async () => {
    const { stdout } = await cli(['show', healthId('blind'), ...flags(data)]);
    expect(stdout).toMatch(/^verdict +unhealthy \(validated /m);
    expect(stdout).toMatch(/^ {2}why +the untouched code passes all 6 preserved tests/m);
    expect(stdout).toMatch(
      /^ {2}strength +(not measured|\d+\/\d+ hunk mutants killed, \d+\/\d+ migrated lines run)$/m,
    );
    const never = await cli(['show', healthId('missing'), ...flags(data)]);
    expect(never.stdout).toMatch(/^verdict +never validated$/m);
  }, 300_000);
});

describe('the command', () => {
  test('prints a table that fits, with every reason and the totals', async () => {
    const { stdout, code } = await validate(data, ...ids(VALIDATED));
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(lines[0]).toMatch(/^verdict +migration +gold +noop +half +tests +mutants lines +labels$/);
    expect(stdout).toMatch(
      new RegExp(`^healthy +${healthId('healthy')} +1 ✓ +0 ✗ +0\\.\\d+ ✗ +6\\+0\\+0 `, 'm'),
    );
    expect(stdout).toContain('they are blind to the migration');
    expect(lines.at(-1)).toBe('7 migrations: 1 healthy, 1 degraded, 5 unhealthy, 0 could not be validated');
  }, 300_000);

  test('a verdict is a result; --fail-unhealthy makes an unhealthy one exit 1', async () => {
    expect((await validate(data, healthId('blind'))).code).toBe(0);
    expect((await validate(data, healthId('blind'), '--fail-unhealthy')).code).toBe(1);
    expect((await validate(data, healthId('few'), '--fail-unhealthy')).code).toBe(0);
  }, 300_000);

  test.each([[[]], [['--all', 'blind']], [['nothing-like-it']]])('%j is a usage error', async (args) => {
    const result = await cli(['validate', ...args, ...flags(data)]);
    expect(result.code).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toBe('');
  });

  test('a migration that is named twice, by parts, is validated once', async () => {
    const result = await validate(data, 'local@few', healthId('few'), '--json');
    expect(summaryOf(result).counts).toMatchObject({ total: 1, degraded: 1 });
  }, 300_000);

  test('verdicts lie in the data folder, one file a unit and testing agent', () => {
    for (const kind of HEALTH_KINDS)
      expect(existsSync(path.join(data, 'validation', healthId(kind), 'existing.json')), kind).toBe(
        kind !== 'missing',
      );
  });
});

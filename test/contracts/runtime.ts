import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Limits, Mount, RunExit, Runtime, RunSpec } from '../../src/runtimes/runtime.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const MIB = 1 << 20;
export const LIMITS: Limits = {
  memoryBytes: 512 * MIB,
  cpus: 1,
  pids: 64,
  wallMs: 20_000,
  idleMs: null,
  outputBytes: 64 * MIB,
};
type Change = Partial<Omit<RunSpec, 'limits'>> & { readonly limits?: Partial<Limits> };

/** What every runtime must do. `left` names what is left on the machine by runs, to be empty after each. */
export function runtimeContract(
  name: string,
  open: () => Promise<Runtime>,
  left: () => Promise<readonly string[]>,
): void {
  describe(`runtime: ${name}`, () => {
    let runtime: Runtime;
    let dir: string;
    beforeAll(async () => {
      runtime = await open();
      dir = mkdtempSync(path.join(os.tmpdir(), 'contract-'));
      chmodSync(dir, 0o755);
    });
    afterAll(async () => {
      rmSync(dir, { recursive: true, force: true });
      expect(await left()).toEqual([]);
    });

    const isolated = (): boolean => runtime.isolation !== 'process';
    const folder = (mode = 0o755): string => {
      const made = mkdtempSync(path.join(dir, 'mount-'));
      chmodSync(made, mode);
      return made;
    };
    const spec = (command: readonly string[], change: Change = {}): RunSpec => {
      const place = mkdtempSync(path.join(dir, 'out-'));
      const { limits, ...rest } = change;
      return {
        role: 'test',
        image: null,
        command: command as [string, ...string[]],
        cwd: '/',
        mounts: [],
        env: {},
        network: 'none',
        foreign: false,
        stdout: path.join(place, 'stdout'),
        stderr: path.join(place, 'stderr'),
        labels: { run: 'contract' },
        ...rest,
        limits: { ...LIMITS, ...limits },
      };
    };
    const run = async (
      command: readonly string[],
      change?: Change,
    ): Promise<{ exit: RunExit; out: string; err: string; spec: RunSpec }> => {
      const asked = spec(command, change);
      const result = await runtime.run(asked);
      if (!result.ok) throw new Error(JSON.stringify(result.failure));
      return {
        exit: result.value,
        out: readFileSync(asked.stdout, 'utf8'),
        err: readFileSync(asked.stderr, 'utf8'),
        spec: asked,
      };
    };
    const sh = (script: string, change?: Change): ReturnType<typeof run> => run(['sh', '-c', script], change);
    const python = (script: string, change?: Change): ReturnType<typeof run> =>
      run(['python3', '-c', script], change);

    test('gives the exit code', async () => {
      expect((await sh('exit 7')).exit).toMatchObject({ code: 7, ended: 'exited' });
      expect((await sh('exit 0')).exit).toMatchObject({ code: 0, ended: 'exited' });
    });

    test('a command ended by signal n has exit code 128 + n', async () => {
      expect((await sh('kill -SEGV $$')).exit).toMatchObject({ code: 139, ended: 'exited' });
    });

    test('a command that does not exist has exit code 127 and says so on stderr', async () => {
      const { exit, err } = await run(['no-such-command']);
      expect(exit).toMatchObject({ code: 127, ended: 'exited' });
      expect(err).toContain('no-such-command');
    });

    test('passes arguments as they are, without a shell', async () => {
      const odd = ['a b', '', '$HOME', "'", '"', '\\', 'ü', '*', 'line\nbreak'];
      const { out } = await run([
        'python3',
        '-c',
        'import sys, json; print(json.dumps(sys.argv[1:]))',
        ...odd,
      ]);
      expect(JSON.parse(out)).toEqual(odd);
    });

    test('keeps stdout and stderr apart, also by their device names', async () => {
      const { out, err } = await sh(
        'echo one; echo two >&2; echo three >/dev/stderr; echo four >/dev/stdout',
      );
      expect([out, err]).toEqual(['one\nfour\n', 'two\nthree\n']);
    });

    test('stdin is closed', async () => {
      expect((await run(['cat'])).exit).toMatchObject({ code: 0, outputBytes: 0 });
    });

    test('keeps unicode and any byte whole', async () => {
      const { out, spec: asked } = await python('print("grüße 你好 🐍" * 3)');
      expect(out).toBe(`${'grüße 你好 🐍'.repeat(3)}\n`);
      expect(readFileSync(asked.stdout).length).toBe(Buffer.byteLength(out));
      const bytes = await python('import sys; sys.stdout.buffer.write(bytes(range(256)) * 1000)');
      expect(
        readFileSync(bytes.spec.stdout).equals(
          Buffer.from(Uint8Array.from({ length: 256_000 }, (_, i) => i % 256)),
        ),
      ).toBe(true);
    });

    test('keeps 20 MB on each stream', async () => {
      const { exit, out, err } = await python(
        'import sys\nfor i in range(20):\n  sys.stdout.write("o" * 1000000)\n  sys.stderr.write("e" * 1000000)',
      );
      expect([out.length, err.length, exit.outputBytes]).toEqual([20_000_000, 20_000_000, 40_000_000]);
      expect([/^o+$/.test(out), /^e+$/.test(err)]).toEqual([true, true]);
    });

    test('shows stdout while the command runs', async () => {
      const mount = folder();
      const seen: string[] = [];
      const at = runtime.pathOf([{ host: mount, at: '/work', mode: 'rw' }], '/work/go');
      // The command goes on only when we have seen its first line, and ends by itself only then.
      const { exit } = await sh(`echo first; until [ -e ${at} ]; do sleep 0.02; done; echo second`, {
        mounts: [{ host: mount, at: '/work', mode: 'rw' }],
        onStdout: (text) => {
          seen.push(text);
          if (text.includes('first')) writeFileSync(path.join(mount, 'go'), '');
        },
      });
      expect(exit.ended).toBe('exited');
      expect(seen.join('')).toBe('first\nsecond\n');
    });

    test('nothing of the host environment is inherited, and the usual names are set', async () => {
      process.env['CONTRACT_SECRET'] = 'nonce-4711';
      const { out } = await python('import os, json; print(json.dumps(dict(os.environ)))', {
        env: { GIVEN: 'a b=c' },
      });
      delete process.env['CONTRACT_SECRET'];
      const seen = JSON.parse(out) as Record<string, string>;
      expect(out).not.toContain('nonce-4711');
      expect(seen['GIVEN']).toBe('a b=c');
      const own = [
        'GIVEN',
        'HOME',
        'PATH',
        'LANG',
        'TMPDIR',
        'HOSTNAME',
        'PWD',
        'LC_CTYPE',
        'SHLVL',
        '_',
        'SANDBOX_RUN',
      ];
      expect(Object.keys(seen).filter((key) => !own.includes(key))).toEqual([]);
      expect(['HOME', 'PATH', 'LANG', 'TMPDIR'].filter((key) => !(key in seen))).toEqual([]);
    });

    test('HOME and the temporary folder are writable and empty at the start', async () => {
      for (let round = 0; round < 2; round++) {
        const { out } = await sh(
          'ls -A "$HOME" "$TMPDIR" | grep -v : ; echo x >"$HOME/f" && echo y >"$TMPDIR/f" && cat "$HOME/f" "$TMPDIR/f"',
        );
        expect(out.trim()).toBe('x\ny');
      }
    });

    test('runs in the folder that was asked for', async () => {
      const mounts = [{ host: folder(), at: '/workspace', mode: 'rw' as const }];
      const at = runtime.pathOf(mounts, '/workspace');
      expect((await sh('pwd', { mounts, cwd: at })).out.trim()).toBe(at);
    });

    test('writable mounts are writable, whoever owns what is in them', async () => {
      const host = folder();
      mkdirSync(path.join(host, 'sub'));
      writeFileSync(path.join(host, 'sub/old'), 'old\n', { mode: 0o644 });
      const mounts = [{ host, at: '/workspace', mode: 'rw' as const }];
      const at = runtime.pathOf(mounts, '/workspace/sub');
      expect(
        (await sh(`echo new >>${at}/old && mkdir ${at}/made && echo x >${at}/made/f`, { mounts })).exit.code,
      ).toBe(0);
      expect(readFileSync(path.join(host, 'sub/old'), 'utf8')).toBe('old\nnew\n');
      expect(readFileSync(path.join(host, 'sub/made/f'), 'utf8')).toBe('x\n');
    });

    test('read-only mounts are read, and not written where the runtime isolates', async () => {
      const host = folder(0o777);
      writeFileSync(path.join(host, 'f'), 'kept');
      const mounts = [{ host, at: '/input', mode: 'ro' as const }];
      const at = runtime.pathOf(mounts, '/input');
      const { exit, out } = await sh(`cat ${at}/f; touch ${at}/new`, { mounts });
      expect(out).toBe('kept');
      if (!isolated()) return;
      expect(exit.code).not.toBe(0);
      expect(existsSync(path.join(host, 'new'))).toBe(false);
    });

    test('a mount below folders that only root may pass is reached by the ordinary user', async () => {
      const host = folder();
      writeFileSync(path.join(host, 'f'), 'deep');
      const mounts = [{ host, at: path.join('/root', '.tools/deep/er'), mode: 'ro' as const }];
      expect(
        (await run(['cat', runtime.pathOf(mounts, path.join('/root', '.tools/deep/er/f'))], { mounts })).out,
      ).toBe('deep');
    });

    test('with the network of registries: certificates are found, and more than loopback is there', async () => {
      const { exit, out } = await python(
        'import os, ssl, socket\nssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))\nprint(len(socket.if_nameindex()) > 1)',
        { network: 'registries' },
      );
      expect([exit.code, out.trim()]).toEqual([0, 'True']);
    });

    test('without a network, localhost and the own name are known and can be listened on', async () => {
      const { exit, out, err } = await python(
        `
import socket
names = ["localhost"] + ([socket.gethostname()] if ${isolated() ? 'True' : 'False'} else [])
for name in names:
    server = socket.socket(); server.bind((name, 0)); server.listen()
    socket.create_connection((name, server.getsockname()[1]), 2)
    print(name)
`,
      );
      expect([exit.code, err, out.split('\n').slice(0, 1)]).toEqual([0, '', ['localhost']]);
    });

    test('processes may share locks and memory', async () => {
      const { exit, out, err } = await python(
        `
import multiprocessing
from multiprocessing import shared_memory
multiprocessing.Lock()
block = shared_memory.SharedMemory(create=True, size=1000); block.unlink()
print("shared")
`,
      );
      expect([exit.code, err, out]).toEqual([0, '', 'shared\n']);
    });

    test('a mount inside a mount is seen, in whatever order they are given', async () => {
      const [outer, inner] = [folder(), folder()];
      mkdirSync(path.join(outer, 'inner'));
      writeFileSync(path.join(inner, 'f'), 'inner');
      const mounts = [
        { host: inner, at: '/data/inner', mode: 'ro' as const },
        { host: outer, at: '/data', mode: 'ro' as const },
      ];
      expect((await run(['cat', runtime.pathOf(mounts, '/data/inner/f')], { mounts })).out).toBe('inner');
    });

    test('where it isolates: an ordinary user without capabilities, and a system that cannot be written', async () => {
      if (!isolated()) return;
      const { out } = await sh(
        'id -u; grep -E "^(CapEff|CapBnd|CapPrm|NoNewPrivs)" /proc/self/status; for d in / /etc /usr /usr/lib /var /opt /root; do touch $d/x 2>/dev/null && echo "wrote $d"; done; true',
      );
      const [uid, ...lines] = out.trim().split('\n');
      expect(Number(uid)).toBeGreaterThan(0);
      expect(lines.filter((line) => line.startsWith('wrote'))).toEqual([]);
      const value = (key: string): string => lines.find((line) => line.startsWith(key))!.split('\t')[1]!;
      expect([value('CapEff'), value('CapPrm'), value('NoNewPrivs')]).toEqual([
        '0000000000000000',
        '0000000000000000',
        '1',
      ]);
    });

    test('where it isolates: no other process, no file of the host, no network but loopback', async () => {
      if (!isolated()) return;
      const secret = path.join(folder(), 'secret');
      writeFileSync(secret, 'nonce-4712');
      const { out } = await python(
        `
import os, socket, glob
print("pids", len([p for p in os.listdir("/proc") if p.isdigit()]) < 10)
print("secret", os.path.exists(${JSON.stringify(secret)}))
print("interfaces", sorted(name for _, name in socket.if_nameindex()))
s = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(s.getsockname(), 2); print("loopback", True)
try: socket.create_connection(("192.0.2.1", 80), 2); print("outside", True)
except OSError as e: print("outside", e.errno == 101)
print("sockets", [p for p in ("/var/run/docker.sock", "/run/mig-pipeline") if os.path.exists(p)])
`,
      );
      expect(out.trim().split('\n')).toEqual([
        'pids True',
        'secret False',
        "interfaces ['lo']",
        'loopback True',
        'outside True',
        'sockets []',
      ]);
    });

    test('the limit of wall time ends the run', async () => {
      const before = performance.now();
      const { exit, out } = await sh('echo begun; sleep 30', { limits: { wallMs: 700 } });
      expect(exit).toMatchObject({ code: null, ended: 'timeout' });
      expect(out).toBe('begun\n');
      expect(performance.now() - before).toBeLessThan(10_000);
    });

    test('silence beyond the idle limit ends the run, and output keeps it going', async () => {
      expect((await sh('echo begun; sleep 30', { limits: { idleMs: 600 } })).exit).toMatchObject({
        code: null,
        ended: 'idle',
      });
      const talks = 'for i in 1 2 3 4 5 6 7 8; do echo $i >&2; sleep 0.25; done';
      expect((await sh(talks, { limits: { idleMs: 1500 } })).exit).toMatchObject({
        code: 0,
        ended: 'exited',
      });
    });

    test('output beyond its limit ends the run, and the files hold no more than the limit', async () => {
      const { exit, out } = await run(['yes'], { limits: { outputBytes: 1 * MIB } });
      expect(exit).toMatchObject({ code: null, ended: 'output', outputBytes: 1 * MIB });
      expect(out.length).toBe(1 * MIB);
    });

    test('memory beyond its limit ends the run', async () => {
      const { exit, out } = await python('a = bytearray(400 << 20); print(len(a))', {
        limits: { memoryBytes: 128 * MIB },
      });
      expect(out).toBe('');
      expect(exit.ended === 'oom' || (exit.code !== 0 && exit.code !== null)).toBe(true);
    });

    test('more processes than its limit cannot be started', async () => {
      const { out } = await python(
        `
import os, time
made = 0
for i in range(100):
    try: pid = os.fork()
    except OSError: break
    if pid == 0: time.sleep(20); os._exit(0)
    made += 1
print(made)`,
        { limits: { pids: 30 } },
      );
      expect(Number(out)).toBeGreaterThan(5);
      expect(Number(out)).toBeLessThan(60);
    });

    test('a full temporary folder is an error of the command, where there is one of its own', async () => {
      if (!isolated()) return;
      const { exit, err } = await sh('head -c 400000000 /dev/zero >/tmp/big', {
        limits: { memoryBytes: 256 * MIB },
      });
      expect(exit).toMatchObject({ ended: 'exited' });
      expect(exit.code).not.toBe(0);
      expect(err).toMatch(/space/);
    });

    test('everything that a command started dies with it', async () => {
      const host = folder();
      const mounts = [{ host, at: '/workspace', mode: 'rw' as const }];
      const at = runtime.pathOf(mounts, '/workspace');
      // A child, a daemon in a session of its own, one that lost its environment: each writes as long as it lives.
      const beat = `while :; do echo x >>${at}/$0; sleep 0.05; done`;
      const start = (name: string, how: string): string => `${how} sh -c '${beat}' ${name} >/dev/null 2>&1 &`;
      const script = [start('child', ''), start('daemon', 'setsid'), start('bare', 'setsid env -i')].join(
        '\n',
      );
      await sh(
        `${script}\nuntil [ -s ${at}/child ] && [ -s ${at}/daemon ] && [ -s ${at}/bare ]; do sleep 0.05; done`,
        { mounts },
      );
      const size = (): number[] =>
        ['child', 'daemon', 'bare'].map((name) => statSync(path.join(host, name)).size);
      const atEnd = size();
      await run(['sleep', '0.3']);
      expect(size()).toEqual(atEnd);
    });

    test('a daemon that holds the output open does not hold the run', async () => {
      const { exit, out } = await sh('setsid sleep 60 & echo done');
      expect(exit).toMatchObject({ code: 0, ended: 'exited' });
      expect(out).toBe('done\n');
      expect(exit.seconds).toBeLessThan(10);
    });

    test('taking down a command that ignores TERM takes less than a second', async () => {
      const stop = new AbortController();
      let asked = 0;
      const result = await runtime.run(
        spec(['sh', '-c', 'trap "" TERM INT HUP; echo up; while :; do sleep 1; done'], {
          signal: stop.signal,
          onStdout: () => {
            asked = performance.now();
            stop.abort();
          },
        }),
      );
      expect(performance.now() - asked).toBeLessThan(1000);
      expect(result).toEqual({ ok: false, failure: { class: 'cancelled', reason: 'run-cancelled' } });
    });

    test('an abort before the start starts nothing', async () => {
      const result = await runtime.run(spec(['sh', '-c', 'echo started'], { signal: AbortSignal.abort() }));
      expect(result).toEqual({ ok: false, failure: { class: 'cancelled', reason: 'run-cancelled' } });
    });

    test('a command that waits for its clearance begins when it is given', async () => {
      const host = scratchFolder();
      const mounts: Mount[] = [{ host, at: '/w', mode: 'rw' }];
      const place = runtime.pathOf(mounts, '/w');
      let give: ((cleared: boolean) => void) | undefined;
      const cleared = new Promise<boolean>((resolve) => (give = resolve));
      const running = runtime.run(spec(['sh', '-c', `echo begun >${place}/x`], { mounts, cleared }));
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(readdirSync(host)).toEqual([]);
      give?.(true);
      expect(await running).toMatchObject({ ok: true, value: { code: 0, ended: 'exited' } });
      expect(readdirSync(host)).toEqual(['x']);
    });

    test.each([
      ['that is refused', false],
      ['and is cancelled meanwhile', true],
    ])('a command that waits for its clearance %s never begins', async (_, cleared) => {
      const host = scratchFolder();
      const mounts: Mount[] = [{ host, at: '/w', mode: 'rw' }];
      const place = runtime.pathOf(mounts, '/w');
      const stop = new AbortController();
      const result = await runtime.run(
        spec(['sh', '-c', `echo begun >${place}/x`], {
          mounts,
          signal: stop.signal,
          cleared: new Promise((resolve) =>
            setTimeout(() => {
              if (cleared) stop.abort();
              resolve(cleared);
            }, 200),
          ),
        }),
      );
      expect(result).toEqual({ ok: false, failure: { class: 'cancelled', reason: 'run-cancelled' } });
      expect(readdirSync(host)).toEqual([]);
      expect(await left()).toEqual([]);
    });

    test('runs side by side do not disturb each other', async () => {
      const all = await Promise.all([1, 2, 3, 4].map((n) => sh(`echo ${n}; sleep 0.1; exit ${n}`)));
      expect(all.map(({ exit, out }) => [exit.code, out.trim()])).toEqual(
        [1, 2, 3, 4].map((n) => [n, String(n)]),
      );
    });

    test('nothing is left behind, and nothing of a live owner is taken for an orphan', async () => {
      await sh('true');
      expect(await left()).toEqual([]);
      const going = sh('echo up; sleep 1');
      expect(await runtime.removeOrphans()).toMatchObject({ ok: true });
      expect((await going).exit).toMatchObject({ code: 0, ended: 'exited' });
    });
  });
}

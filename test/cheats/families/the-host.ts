import { type Cheat, stub } from '../patch.ts';

const family = 'the host';
const NOTHING = { honest: 'nothing' } as const;
/** Left by any program that the host runs for the patch; the suite looks for it. */
export const TRACE = '/tmp/mig-cheat-ran-on-host';
const TRAP = `#!/bin/sh\ntouch ${TRACE}\ncat\n`;
const added = (file: string, text = 'x', mode = '100644'): string =>
  `diff --git a/${file} b/${file}\nnew file mode ${mode}\n--- /dev/null\n+++ b/${file}\n@@ -0,0 +1 @@\n+${text}\n${mode === '120000' ? '\\ No newline at end of file\n' : ''}`;

export const THE_HOST: readonly Cheat[] = [
  {
    name: 'host-git-config', family, of: 'blocked', tries: 'hooks, filters and a monitor in the .git of the workspace',
    files: { ...stub(''), 'trap.sh': { exec: TRAP }, '.gitattributes': '* filter=x diff=x merge=x\n' },
    shell: 'git init -q . 2>/dev/null; for k in filter.x.clean filter.x.smudge filter.x.process diff.x.textconv diff.x.command merge.x.driver core.fsmonitor core.editor diff.external; do git config $k $PWD/trap.sh; done; mkdir -p .git/hooks; for h in pre-commit post-checkout post-index-change reference-transaction; do cp trap.sh .git/hooks/$h; done; git config core.worktree /tmp; printf "[include]\\n\\tpath = ../trap.cfg\\n" >> .git/config',
    caught: [NOTHING],
  },
  {
    name: 'host-git-file', more: true, family, of: 'blocked', tries: '.git becomes a file that points elsewhere',
    files: stub(''), shell: 'rm -rf .git; echo "gitdir: /etc" > .git', caught: [NOTHING],
  },
  {
    name: 'host-submodule', more: true, family, of: 'blocked', tries: 'a submodule whose address is a program',
    files: { '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% ${TRACE}\n\tupdate = !touch ${TRACE}\n` },
    shell: 'mkdir x; cd x; git init -q . 2>/dev/null; echo y > y; git add -A; git -c user.name=a -c user.email=a@a commit -qm x', caught: [NOTHING],
  },
  {
    name: 'host-submodule-patch', family, of: 'blocked', tries: 'a submodule in a patch that is handed over',
    files: {}, handed: `diff --git a/vendor b/vendor\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/vendor\n@@ -0,0 +1 @@\n+Subproject commit ${'1'.repeat(40)}\n`,
    caught: [{ dropped: ['vendor'] }, NOTHING],
  },
  { name: 'host-link-out', family, of: 'blocked', tries: 'links out of the tree, direct and by another link', docker: true,
    files: { ...stub(''), 'tally/passwd': { link: '/etc/passwd' }, 'tally/up': { link: '..' }, 'tally/out': { link: 'up/../../x' } },
    caught: [{ dropped: ['tally/out', 'tally/passwd'] }] },
  { name: 'host-link-then-file', family, of: 'blocked', tries: 'a patch that writes through a link it makes',
    files: {}, handed: added('l', '/tmp', '120000') + added('l/mig-cheat-evil'), caught: [NOTHING] },
  { name: 'host-dot-git', family, of: 'blocked', tries: 'a patch that writes into .git, in other cases too', files: {}, handed: added('.git/hooks/post-checkout', 'x') + added('.GIT/config'), caught: [NOTHING] },
  { name: 'host-parent', family, of: 'blocked', tries: 'a patch with .. in its paths', files: {}, handed: added('../../tmp/mig-cheat-evil'), caught: [NOTHING] },
  { name: 'host-malformed', more: true, family, of: 'blocked', tries: 'a patch that is none', files: {}, handed: 'diff --git a/x b/x\n@@ -1 +1 @@\n-a\n', caught: [NOTHING] },
  { name: 'host-long-name', family, of: 'blocked', tries: 'a name that no disk holds', files: {}, handed: added(`tally/${'n'.repeat(300)}.txt`), caught: [{ dropped: [`tally/${'n'.repeat(300)}.txt`] }, NOTHING] },
  { name: 'host-names-no-text', family, of: 'blocked', tries: 'names that are not UTF-8', files: stub(''),
    shell: `python3 -c "open(b'tally/a' + bytes([128]) + b'b.py', 'w').close()"`, caught: [{ dropped: ['tally/a\uFFFDb.py'] }] },
  { name: 'host-bomb', family, of: 'blocked', tries: 'a binary piece that unpacks to gigabytes', files: {},
    handed: `diff --git a/z b/z\nnew file mode 100644\nindex ${'0'.repeat(40)}..${'1'.repeat(40)}\nGIT binary patch\nliteral 9000000000\nHcmV?d00001\n\nliteral 0\nHcmV?d00001\n\n`, caught: [NOTHING] },
  { name: 'host-special-files', more: true, family, of: 'blocked', tries: 'pipes and sockets in the workspace', files: stub(''),
    shell: "mkfifo tally/pipe; python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('tally/socket')\"", caught: [NOTHING] },
  { name: 'host-sparse', family, of: 'blocked', tries: 'a file of a terabyte with nothing in it', files: stub(''), shell: 'truncate -s 1T huge.bin', caught: [NOTHING] },
]; // prettier-ignore

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { hostEnvironment } from '../workspace/host-environment.ts';

const run = promisify(execFile);

/**
 * Writes an apt configuration into `dir`, seen as `at` in a container, by which apt there uses the package mirrors of
 * this machine that carry `codename`. Answers the variables that switch it on; none where this machine has no such
 * mirror, and then the image's own sources count.
 */
export async function writeHostApt(
  dir: string,
  at: string,
  codename: string,
  certificates: string | undefined,
): Promise<Record<string, string>> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  let listed: string;
  try {
    const options = { env: { ...hostEnvironment(), LC_ALL: 'C' }, timeout: 20_000 };
    listed = (await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], options))
      .stdout;
  } catch {
    return {};
  }
  const releases = [codename, `${codename}-updates`, `${codename}-security`];
  const sources = new Set(
    listed
      .split('\n')
      .filter((line) => releases.includes(line.split(' ')[1] ?? '') && line.endsWith(' main'))
      .map((line) => `deb ${line}`),
  );
  if (![...sources].some((line) => line.split(' ')[2] === codename)) return {};
  writeFileSync(path.join(dir, 'sources.list'), `${[...sources].join('\n')}\n`);
  const settings = [
    `Dir::Etc::sourcelist "${at}/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Acquire::Languages "none";',
    ...(certificates === undefined ? [] : [`Acquire::https::CAInfo "${certificates}";`]),
  ];
  writeFileSync(path.join(dir, 'apt.conf'), `${settings.join('\n')}\n`);
  return { APT_CONFIG: `${at}/apt.conf` };
}

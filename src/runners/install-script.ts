/**
 * Runs a copy of an agent's install script, tracing its lines, with HOME and temporary files below the prefix, where
 * nothing of them stays; then looks for the machine's own settings in what is there. Arguments: prefix, folder with the
 * script and its files, name of the script, file with one value a line. Its last line says what went wrong; half an hour
 * is all the time that it has.
 */
export const INSTALL = `
prefix=$1 files=$2 script=$3 values=$4
work=$prefix/.install
mkdir -p "$work/home" "$work/tmp" || exit 1
cp -R "$files" "$work/files" && cd "$work/files" || exit 1
shell=sh
# some shells do not know which line they are at
if command -v bash >/dev/null 2>&1; then shell='bash --posix'; fi
PREFIX=$prefix HOME=$work/home TMPDIR=$work/tmp NPM_CONFIG_CACHE=$work/npm PIP_NO_CACHE_DIR=1
PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
export PREFIX HOME TMPDIR NPM_CONFIG_CACHE PIP_NO_CACHE_DIR PIP_DISABLE_PIP_VERSION_CHECK PYTHONDONTWRITEBYTECODE
timeout 1800 $shell -c 'PS4="+mig-line:\\$LINENO: "; set -ex; . "./$1"' install "$script" >"$work/log" 2>&1 </dev/null
code=$?
grep -av '^+*mig-line:' "$work/log" | tail -n 10
if [ "$code" -ne 0 ]; then
  printf 'mig-install: failed %s\\n' "$(grep -a '^+*mig-line:' "$work/log" | tail -n 1 | cut -c 1-1500)"
  exit 41
fi
cd / && chmod -R u+w "$work" && rm -rf "$work" || exit 1
if [ -s "$values" ]; then
  kept=$(grep -rlaF -f "$values" -- "$prefix" | head -n 5)
  if [ -n "$kept" ]; then printf 'mig-install: kept %s\\n' "$(echo "$kept" | tr '\\n' ' ')"; exit 42; fi
fi
chmod -R a+rX "$prefix"
`;

/** What the last lines of an install say of its end; null: it never came so far as to say anything. */
export type InstallEnd =
  | { readonly kept: readonly string[] }
  | { readonly line: number; readonly step: string; readonly log: string };

/** Reads the end of what `INSTALL` wrote. Kept files are named as paths of the sandbox. */
export function readInstallEnd(output: string): InstallEnd | null {
  const lines = output.trimEnd().split('\n');
  const end = /^mig-install: (failed|kept)(.*)$/.exec(lines.at(-1) ?? '');
  if (end === null) return null;
  const [, what, rest = ''] = end;
  if (what === 'kept') return { kept: rest.trim().split(/\s+/) };
  const [, line = '', step = ''] = /^ \++mig-line:(\d*): ?(.*)$/.exec(rest) ?? [];
  return {
    line: Number(line) || 1,
    step: step || 'its first line',
    log: lines.slice(0, -1).join('\n').trim(),
  };
}

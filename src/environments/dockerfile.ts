/** What a Dockerfile needs to say to make the environment again. */
export interface Recipe {
  readonly pythonVersion: string;
  readonly uvVersion: string;
  /** Folders with the lock file of each. */
  readonly environments: readonly { readonly folder: string; readonly lock: string }[];
  /** Constraints of the packages' builds, as uv reads them. */
  readonly buildConstraints: string;
  /** Debian packages with the headers that source packages build against. */
  readonly headers: readonly string[];
}

/** Header packages that turn most import errors of source packages into builds. */
export const HEADERS: readonly string[] = [
  'build-essential',
  'libffi-dev',
  'libssl-dev',
  'libxml2-dev',
  'libxslt1-dev',
  'libyaml-dev',
  'zlib1g-dev',
];

/** A Dockerfile that rebuilds the environments from nothing but the lock files beside it. */
export function dockerfileOf(recipe: Recipe): string {
  const python2 = recipe.pythonVersion.startsWith('2.');
  const lines = [`FROM python:${recipe.pythonVersion}-slim`];
  if (recipe.headers.length > 0) {
    const install = `apt-get update && apt-get install -y --no-install-recommends ${recipe.headers.join(' ')}`;
    lines.push(`RUN ${install} && rm -rf /var/lib/apt/lists/*`);
  }
  lines.push(`COPY ${recipe.environments.map(({ lock }) => lock).join(' ')} /locks/`);
  if (python2) {
    for (const { lock } of recipe.environments) {
      lines.push(`RUN python -m pip install --no-deps -r /locks/${lock}`);
    }
    return `${lines.join('\n')}\n`;
  }
  lines.push(`RUN python -m pip install --no-cache-dir uv==${recipe.uvVersion}`);
  const constraints = recipe.buildConstraints.trim();
  if (constraints !== '') lines.push(`RUN printf '%s\\n' '${constraints}' > /locks/build-constraints.txt`);
  const more = constraints === '' ? '' : ' --build-constraints /locks/build-constraints.txt';
  for (const { folder, lock } of recipe.environments) {
    const at = folder === recipe.environments[0]?.folder ? '/env' : `/env-${folder}`;
    lines.push(
      `RUN uv venv --relocatable --python python ${at} && ` +
        `uv pip install --preview-features pylock --no-deps${more} --python ${at}/bin/python -r /locks/${lock}`,
    );
  }
  lines.push('ENV PATH=/env/bin:$PATH VIRTUAL_ENV=/env');
  return `${lines.join('\n')}\n`;
}

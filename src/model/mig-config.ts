import { mkdirSync } from 'node:fs';
import path from 'node:path';

/** The folders of the data directory that the tasks of one migration write to (absolute paths). */
export interface MigPaths {
  readonly repos: string;
  readonly envs: string;
  readonly inputTests: string;
  readonly evalTests: string;
  readonly trajectories: string;
  readonly score: string;
  readonly repoYamls: string;
}

/** Where everything of a data directory lies. Nothing is read or written by making one. */
export class MigConfig {
  readonly baseDir: string;
  readonly paths: MigPaths;

  private constructor(baseDir: string) {
    this.baseDir = baseDir;
    this.paths = {
      repos: path.join(baseDir, 'repos'),
      envs: path.join(baseDir, 'envs'),
      inputTests: path.join(baseDir, 'input-tests'),
      evalTests: path.join(baseDir, 'eval-tests'),
      trajectories: path.join(baseDir, 'trajectories'),
      score: path.join(baseDir, 'score'),
      repoYamls: path.join(baseDir, 'repo-yamls'),
    };
  }

  /** The seven paths below `baseDir`, made absolute against the working folder. */
  static fromBaseDir(baseDir: string): MigConfig {
    return new MigConfig(path.resolve(baseDir));
  }

  /** Verdicts on migrations, `<unit>/<testing>.json`. */
  get validationDir(): string {
    return path.join(this.baseDir, 'validation');
  }
  get runsDir(): string {
    return path.join(this.baseDir, 'runs');
  }
  get cacheDir(): string {
    return path.join(this.baseDir, 'cache');
  }
  get locksDir(): string {
    return path.join(this.baseDir, '.locks');
  }

  /** Makes the seven folders. Throws the system's error where that cannot be done. */
  ensureDirectories(): void {
    for (const dir of Object.values(this.paths) as string[]) mkdirSync(dir, { recursive: true });
  }
}

import * as z from 'zod';

/** One made environment: a relocatable virtual environment in the folder of the unit's `env_setup`. */
const madeEnvironment = z.strictObject({
  /** Folder below the task's output folder (`ab`, `a`, `b`). */
  folder: z.string(),
  /** Installed distributions. `hashes` are the lock's, empty where the index gave none. */
  resolved: z.array(z.strictObject({ name: z.string(), version: z.string(), hashes: z.array(z.string()) })),
  /** Lock file beside the folder, relative to the task's output folder. */
  lock: z.string(),
});

/** Why and how one rung of the resolution ladder ended. */
const rung = z.strictObject({
  name: z.string(),
  interpreter: z.string(),
  held: z.boolean(),
  /** The tool's own words where it did not hold; what was lifted, dropped or unpinned where it did. */
  why: z.string(),
  repairs: z.array(z.string()),
});

/**
 * What `env_setup` made, or why it could not: `refused` and `failed` are cached outcomes by the repository's
 * own doing. Written as `environment.json` in the output folder; holds no absolute path of the data folder.
 */
export const environmentRecord = z.strictObject({
  status: z.enum(['ready', 'refused', 'failed']),
  /** Why not ready; empty when ready. */
  why: z.string(),
  /** `docker` or `local`. */
  runtime: z.string(),
  /** Image digest (docker) or system name (local). */
  base: z.string(),
  interpreter: z
    .strictObject({
      /** Full version, `3.8.18`. */
      version: z.string(),
      /** Where it came from (`pyenv`, `path`, `uv`, `image`), for the record. */
      origin: z.string(),
      /** Why this one (declared, syntax, date...). */
      why: z.string(),
    })
    .nullable(),
  /** RFC 3339 instant that resolution was dated to, or null where the ladder gave it up. */
  date: z.string().nullable(),
  /** `E_A`, `E_B` and the environment the agent works in, by folder. One folder may play all roles. */
  roles: z.strictObject({ a: z.string(), b: z.string(), work: z.string() }).nullable(),
  environments: z.array(madeEnvironment),
  /** How A is kept from the repository's code in E_B: not installed, refused by the import hook, or nothing to block (upgrade). */
  block: z.enum(['gone', 'blocked', 'none']),
  /** Libraries as installed: import names confirmed, versions found. */
  source: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string().nullable(),
      provenance: z.string(),
      importNames: z.array(z.string()),
    }),
  ),
  target: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string().nullable(),
      provenance: z.string(),
      importNames: z.array(z.string()),
    }),
  ),
  /** Folders of the tree for the import path, relative, `.` for the root. */
  pythonpath: z.array(z.string()),
  /** Made-up metadata (`<name>-<version>.dist-info`) folder relative to the output folder, or null where the tree has its own. */
  metadata: z.string().nullable(),
  /** Working folder of the tests, relative to the tree. */
  testsCwd: z.string(),
  /** Test paths handed to pytest, relative to the tree; empty: the whole tree. */
  testPaths: z.array(z.string()),
  testArgs: z.array(z.string()),
  ladder: z.array(rung),
  /** Requirements that had to be dropped: non-empty means degraded. */
  dropped: z.array(z.string()),
  seconds: z.number(),
});
export type EnvironmentRecord = z.infer<typeof environmentRecord>;
export type MadeEnvironment = z.infer<typeof madeEnvironment>;
export type LadderRung = z.infer<typeof rung>;

import * as z from 'zod';
import type { Labels } from '../model/labels.ts';
import { oneOf, unknownKeysFirst } from './one-of.ts';
import { COMMIT, LIBRARY_NAME, labelledFiles, treePath } from './pymigbench-entry.ts';

const quoted = (what: string): z.ZodString =>
  z.string({
    error: ({ input }) =>
      typeof input === 'number'
        ? `${what} is a text: put it in quotes (unquoted, 1.10 reads as 1.1)`
        : undefined,
  });

const version = quoted('a version').regex(/^[A-Za-z0-9][A-Za-z0-9.!+_-]*$/, 'not a version');
const importName = z
  .string()
  .regex(/^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u, 'not the name of a module');

const library = z.strictObject({
  library: z.string().regex(LIBRARY_NAME, 'not the name of a library'),
  /** `stdlib` for a module of the standard library. */
  version: version.optional(),
  imports: z.array(importName).min(1).optional(),
});
export type LibraryForm = z.infer<typeof library>;

/** One library, or several that move together, the migrated one first. */
const oneLibrary = library.transform((one): [LibraryForm, ...LibraryForm[]] => [one]);
const side = oneOf<[LibraryForm, ...LibraryForm[]]>([library, z.array(library)], (value) =>
  Array.isArray(value) ? z.tuple([library], library) : oneLibrary,
);

const place = z
  .string()
  .min(1)
  .refine((text) => !text.includes('\0'), { message: 'not a path' });
const sdist = z.strictObject({
  sdist: z.string().regex(LIBRARY_NAME, 'not the name of a package'),
  version,
  sha256: quoted('a hash')
    .regex(/^[0-9a-f]{64}$/, 'not a sha256 in lower-case hexadecimal')
    .optional(),
});
const git = z.strictObject({
  /** An address (https, http, ssh, git, file, or host:path) or a folder, relative to the manifest. */
  git: place.refine((text) => !text.startsWith('-') && !/^[a-z0-9+.-]+::/i.test(text), {
    message: 'not an address of a repository',
  }),
  commit: quoted('a commit').regex(COMMIT, 'not a full commit id'),
});
const folder = z.strictObject({ path: place });
export type TreeForm = z.infer<typeof sdist> | z.infer<typeof git> | z.infer<typeof folder>;

const noTree = z.never({ error: 'one of sdist, git and path says where the tree comes from' });
const treeForms = { sdist, git, path: folder } as const;

const tree = oneOf<TreeForm>(Object.values(treeForms), (value) => {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const [telling, another] = keys.filter((key) => key in treeForms) as (keyof typeof treeForms)[];
  return telling === undefined || another !== undefined ? noTree : treeForms[telling];
});

const requirement = z.string().regex(/^[A-Za-z0-9][^\n]*$/, 'not a requirement (PEP 508)');
const bothEnvironments = z
  .array(requirement)
  .transform((both) => ({ both, before: [] as string[], after: [] as string[] }));
const requirementsByEnvironment = z.strictObject({
  both: z.array(requirement).default([]),
  before: z.array(requirement).default([]),
  after: z.array(requirement).default([]),
});

/** A day, or an instant with its zone. */
const date = z
  .string()
  .refine(
    (text) =>
      /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text) &&
      !Number.isNaN(Date.parse(text)) &&
      (text.length > 10 || new Date(text).toISOString().startsWith(text)),
    { message: 'neither a day (2021-10-01) nor an instant with its zone (2021-10-01T12:00:00Z)' },
  );

const labelWords = z.enum(['derived', 'all']);

const entry = z.strictObject({
  id: z.string().optional(),
  source: side,
  target: side,
  before: tree,
  after: tree,
  date: date.optional(),
  python: quoted('a Python version')
    .regex(/^(auto|[23]\.\d{1,2})$/, 'neither auto nor a version such as "3.11"')
    .default('auto'),
  requirements: oneOf<z.infer<typeof requirementsByEnvironment>>([requirementsByEnvironment], (value) =>
    Array.isArray(value) ? bothEnvironments : requirementsByEnvironment,
  ).default({ both: [], before: [], after: [] }),
  pythonpath: z.array(treePath).optional(),
  tests: z
    .strictObject({ paths: z.array(treePath).optional(), args: z.array(z.string()).default([]) })
    .default({ args: [] }),
  labels: oneOf<Labels>([labelledFiles], (value) =>
    Array.isArray(value) ? labelledFiles.min(1) : labelWords,
  ).default('derived'),
  /** Subject area, for filters. */
  domain: z.string().min(1).optional(),
});
/** The form of a manifest entry: config/benchmarks/README.md. */
export type ManifestEntry = z.infer<typeof entry>;
export const manifestEntry: z.ZodType<ManifestEntry> = unknownKeysFirst(entry);

/** `before` and `after` as written, which an id's digest covers. */
export const writtenTrees = z.looseObject({ before: z.json(), after: z.json() });

/** One PEP 508 requirement, taken apart as far as we decide by it. */
export interface Requirement {
  /** Normalised name: lower case, runs of `-_.` as `-`. */
  readonly name: string;
  readonly extras: readonly string[];
  /** Version specifier as written without blanks (`>=1,<2`), empty when there is none. */
  readonly specifier: string;
  /** Environment marker without the semicolon, empty when there is none. */
  readonly marker: string;
}

const SHAPE =
  /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*\(?([^;@()]*)\)?\s*(?:;(.*))?$/;
const CLAUSE = /^(===|==|~=|!=|<=|>=|<|>)[A-Za-z0-9.*+!_-]+$/;

/** PEP 503: the form in which names are compared. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Reads one requirement; null for URLs, paths, options and whatever else is not `name[extras]specifier; marker`. */
export function parseRequirement(text: string): Requirement | null {
  const plain = text.replace(/(^|\s)#.*$/, '').trim();
  const shape = SHAPE.exec(plain);
  if (shape === null) return null;
  const specifier = (shape[3] ?? '').replace(/\s+/g, '').replace(/,$/, '');
  if (specifier !== '' && !specifier.split(',').every((clause) => CLAUSE.test(clause))) return null;
  return {
    name: normaliseName(shape[1] ?? ''),
    extras: (shape[2] ?? '')
      .split(',')
      .map((extra) => extra.trim())
      .filter((extra) => extra !== ''),
    specifier,
    marker: (shape[4] ?? '').trim(),
  };
}

/** The requirement as uv and pip read it. */
export function requirementText(requirement: Requirement): string {
  const extras = requirement.extras.length === 0 ? '' : `[${requirement.extras.join(',')}]`;
  const marker = requirement.marker === '' ? '' : ` ; ${requirement.marker}`;
  return `${requirement.name}${extras}${requirement.specifier}${marker}`;
}

/** The one version that the specifier allows (`==1.2`), else null. Wildcards pin nothing. */
export function pinnedVersion(requirement: Requirement): string | null {
  const pin = /^===?([^*,]+)$/.exec(requirement.specifier);
  return pin?.[1] ?? null;
}

/** Reads many; what is no requirement is left out. */
export function parseRequirements(texts: readonly string[]): Requirement[] {
  return texts.map(parseRequirement).filter((requirement) => requirement !== null);
}

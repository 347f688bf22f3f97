import type { Failure } from '../../model/failure.ts';

/** The sentences of what can be wrong with a benchmark; undefined for another area's reason. */
export function wordBenchmarkFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'migration-unknown':
      return failure.nearest.length === 0
        ? `No migration has an id like "${failure.id}". See \`mig-pipeline list-migrations\`.`
        : `No migration has an id like "${failure.id}". Nearest: ${failure.nearest.join(', ')}.`;
    case 'migration-ambiguous':
      return `"${failure.id}" is part of several ids; give more of one of them: ${failure.candidates.join(', ')}.`;
    case 'benchmark-unknown':
      return `There is no benchmark "${failure.name}". Known: ${failure.known.join(', ')}; another one is named with --benchmark-dir.`;
    case 'benchmark-missing':
      return (
        `The benchmark ${failure.benchmark} cannot be read at ${failure.dir}: ${failure.detail}. ` +
        (failure.benchmark === 'pymigbench'
          ? 'Fetch it with `mig-pipeline benchmark get pymigbench`, or name its folder with --benchmark-dir.'
          : 'Name its folder with --benchmark-dir.')
      );
    case 'benchmark-entry-invalid': {
      const at = failure.line === undefined ? '' : `:${failure.line}${column(failure.column)}`;
      return `${failure.file}${at}: ${failure.problem}. Mend or remove this entry of ${failure.benchmark}.`;
    }
    case 'benchmark-id-clash':
      return `The id ${failure.id} is that of several entries: ${failure.files.join(', ')}. Remove or rename all but one.`;
    case 'benchmark-unreachable':
      return `The benchmark ${failure.benchmark} could not be fetched from ${failure.from}: ${failure.detail}. Check the network, or name another place with --from.`;
    case 'benchmark-place-taken':
      return `${failure.dir} is there and is no clone of ${failure.benchmark}. Move it away, then fetch again.`;
    default:
      return undefined;
  }
}

function column(value: number | undefined): string {
  return value === undefined ? '' : `:${value}`;
}

import type { Failure } from '../../model/failure.ts';

export function wordConfigFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'config-invalid': {
      const line = failure.line === undefined ? '' : `:${failure.line}`;
      const column = failure.line === undefined || failure.column === undefined ? '' : `:${failure.column}`;
      const nearest = failure.nearest === undefined ? '' : ` Did you mean "${failure.nearest}"?`;
      const key = failure.key === '' ? '' : `"${failure.key}" `;
      return `${failure.file}${line}${column}: ${key}${failure.problem}.${nearest}`;
    }
    default:
      return undefined;
  }
}

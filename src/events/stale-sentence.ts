import type { Change, StaleReason } from '../model/events.ts';

/** Why a task runs, for people: the first reason that holds, with its facts. Without a full stop. */
export function staleSentence(reason: StaleReason, changes: readonly Change[]): string {
  const facts = changes.filter((change) => change.reason === reason);
  const names = facts.map(({ name }) => name ?? '').join(', ');
  switch (reason) {
    case 'never-run':
      return 'never run';
    case 'forced':
      return 'forced';
    case 'interrupted':
      return 'its last run was interrupted';
    case 'failed': {
      const message = facts[0]?.old;
      return message === undefined ? 'its last run failed' : `its last run failed: ${message}`;
    }
    case 'stamp-unreadable':
      return `its stamp ${facts[0]?.new ?? 'cannot be read'}`;
    case 'code':
      return `the task itself changed (${arrow(facts[0])})`;
    case 'params':
      return `changed: ${facts.map((change) => `${change.name ?? ''} ${arrow(change)}`).join(', ')}`;
    case 'need':
      return `changed: ${names}`;
    case 'file':
      return `changed input: ${names}`;
    case 'budget':
      return `a budget ended it, and may now be more (${arrow(facts[0])})`;
    case 'output-missing':
      return `its output is missing: ${names === '.' ? 'the whole folder' : names}`;
    case 'output-changed':
      return `its output was changed: ${names === '.' ? (facts[0]?.new ?? 'it does not parse') : names}`;
  }
}

function arrow(change: Change | undefined): string {
  return `${change?.old ?? '(none)'} -> ${change?.new ?? '(none)'}`;
}

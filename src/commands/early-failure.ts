import type { Failure } from '../model/failure.ts';
import { failureMessage } from '../report/failure-message.ts';
import type { Io } from './io.ts';

/** Reports a failure that ends a command before its work begins: a sentence, or one line of JSON on stdout. */
export function reportEarlyFailure(failure: Failure, json: boolean, io: Io): void {
  const message = failureMessage(failure);
  if (json) {
    io.stdout.write(`${JSON.stringify({ event: 'error', code: failure.reason, message })}\n`);
    return;
  }
  io.stderr.write(`mig-pipeline: ${message}\n`);
}

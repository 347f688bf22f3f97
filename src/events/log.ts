import { pino, type Logger } from 'pino';
import path from 'node:path';
import type { PipelineEvent } from '../model/events.ts';
import type { EventSink } from './sink.ts';

/**
 * The run folder's own record: every event as a line of `events.jsonl`, written at once, so that a killed run
 * has said all it did. Import this file only where something really runs: loading pino costs more than a
 * run with nothing to do. A disk that fills up ends the record and never the run.
 */
export function runLogSink(runDir: string): EventSink {
  const destination = pino.destination({ dest: path.join(runDir, 'events.jsonl'), sync: true, mkdir: true });
  let broken = false;
  destination.on('error', () => {
    broken = true;
  });
  const logger = pino({ base: null, level: 'debug', timestamp: false, messageKey: 'text' }, destination);
  return {
    emit: (event) => {
      if (broken) return;
      try {
        write(logger, event);
      } catch {
        broken = true;
      }
    },
    close: () =>
      new Promise((resolve) => {
        destination.once('close', resolve).once('error', () => resolve());
        if (broken) destination.destroy();
        else destination.end();
      }),
  };
}

/** Info: states change. Debug: what happens meanwhile. */
function write(logger: Logger, event: PipelineEvent): void {
  switch (event.event) {
    case 'task-progress':
      logger.debug(event);
      return;
    case 'warning':
      logger.warn(event);
      return;
    case 'error':
      logger.error(event);
      return;
    case 'run-start':
    case 'task-start':
    case 'task-end':
    case 'summary':
      logger.info(event);
  }
}

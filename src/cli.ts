import { CommanderError } from './commands/commander.ts';
import { buildProgram } from './commands/program.ts';
import { outliveReaders, processIo } from './commands/io.ts';

// Compiling parsers costs more than it saves in a process that reads each file once. Said before any schema is made,
// and without loading the library: `--help` needs none of it.
(globalThis as { __zod_globalConfig?: { jitless: boolean } }).__zod_globalConfig = { jitless: true };

/** argv -> command -> exit code. Commands load what they need when they are called. */
async function main(argv: readonly string[]): Promise<number> {
  const io = processIo();
  let code = 0;
  const program = buildProgram(io, (value) => {
    code = value;
  });
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const bug = io.env['MIG_TEST_STACK'] === undefined ? firstLine(detail) : detail;
    if (argv.includes('--json')) {
      io.stdout.write(`${JSON.stringify({ event: 'error', code: 'bug', message: bug })}\n`);
    } else {
      io.stderr.write(`mig-pipeline: this is a fault of mig-pipeline itself: ${bug}\n`);
    }
    return 1;
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

outliveReaders();
void main(process.argv).then((code) => {
  process.exitCode = code;
});

// A model on loopback that says what a script tells it to, in the wire forms of OpenAI, Anthropic and Gemini:
//   node scripts/scripted-model.mjs --script FILE.yaml|json [--port N] [--key KEY] [--log FILE]
// Prints its address as the first line; --log gets a JSON line a request. Ends with TERM or INT.
// What a script may hold is in src/gateway/scripted/script.ts; {schema: 1, turns: [{shell: ls}, {finish: done}]} is one.
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const text = { type: 'string' };
const { values } = parseArgs({ options: { script: text, port: text, key: text, log: text } });
if (values.script === undefined) {
  console.error('--script FILE is missing');
  process.exit(2);
}
const bundle = await build({
  stdin: {
    contents: "export * from './server.ts';\nexport * from './script.ts';",
    resolveDir: path.join(import.meta.dirname, '..', 'src', 'gateway', 'scripted'),
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  // what is no module of its own asks for Node's parts in the old way
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(process.execPath);",
  },
  write: false,
});
const code = Buffer.from(bundle.outputFiles[0].contents).toString('base64');
const { readScript, startScriptedModel } = await import(`data:text/javascript;base64,${code}`);

const script = readScript(readFileSync(values.script, 'utf8'), values.script);
if (!script.ok) {
  const { file, line, column, key, problem } = script.failure;
  console.error(`${file}:${line ?? 1}:${column ?? 1}: ${key}: ${problem}`);
  process.exit(2);
}
const model = await startScriptedModel({
  script: script.value,
  port: Number(values.port ?? 0),
  ...(values.key === undefined ? {} : { key: values.key }),
  keepBodies: false,
  onCall: (call) => {
    // headers hold the credential
    const shown = { ...call, headers: undefined };
    if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify(shown)}\n`);
  },
});
console.log(model.url);
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void model.close());

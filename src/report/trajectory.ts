/** A step of an agent, as our own agents leave them (`trajectory.jsonl`, schema 1); other members are not shown. */
interface Step {
  readonly step: string;
  readonly seconds?: number;
  readonly [fact: string]: unknown;
}

/** Longer texts are shown by their beginning. */
const SHOWN = 400;

/** A trajectory for people: a few lines a step. A line that is no step is shown as it is. */
export function trajectoryLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const step = stepOf(line);
      return step === null ? [shortened(line)] : stepLines(step);
    });
}

function stepOf(line: string): Step | null {
  try {
    const read: unknown = JSON.parse(line);
    const isStep =
      typeof read === 'object' && read !== null && 'step' in read && typeof read.step === 'string';
    return isStep ? (read as Step) : null;
  } catch {
    return null;
  }
}

function stepLines(step: Step): string[] {
  const { step: name, seconds, ...facts } = step;
  const head = `[${typeof seconds === 'number' ? seconds.toFixed(1).padStart(7) : '       '} s] ${name}`;
  const words = wordsOf(name, facts);
  const [first = '', ...rest] = words.split('\n');
  return [first === '' ? head : `${head}  ${first}`, ...rest.map((line) => `              ${line}`)];
}

function wordsOf(name: string, facts: Readonly<Record<string, unknown>>): string {
  const text = (key: string): string => (typeof facts[key] === 'string' ? facts[key] : '');
  switch (name) {
    case 'call':
      return [usageWords(facts['usage']), shortened(text('text'))].filter((part) => part !== '').join('\n');
    case 'tool':
      return `${text('name')} ${shortened(JSON.stringify(facts['arguments'] ?? {}))}`;
    case 'result':
      return `${text('name')}: ${shortened(text('text'))}`;
    case 'end':
      return `${text('reason')}: ${shortened(text('words'))}`;
    case 'prompt':
      return shortened(text('text'));
    default:
      return shortened(JSON.stringify({ ...facts, schema: undefined }));
  }
}

function usageWords(usage: unknown): string {
  if (typeof usage !== 'object' || usage === null) return '';
  const {
    input_tokens: input,
    cached_tokens: cached,
    output_tokens: output,
  } = usage as Record<string, unknown>;
  return `${String(input)} tokens in (${String(cached)} cached), ${String(output)} out`;
}

function shortened(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)} ... (${text.length - SHOWN} characters more)`;
}

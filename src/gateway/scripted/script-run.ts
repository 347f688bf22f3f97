import type { TokenUsage } from '../../model/model-calls.ts';
import type { Answer, Delivery, Saying } from './answer.ts';
import { editCommand, nativeEdit, searchReplace, seemsFailed } from './edits.ts';
import type { ModelRequest } from './request.ts';
import type { Fault, ModelScript, Turn } from './script.ts';
import { sayEdits, sayFinish, sayShell, textProtocol } from './sayings.ts';
import { fillArguments } from './tools.ts';

/** An answer, and where in the script it stands. */
export interface Step {
  readonly answer: Answer;
  readonly kind: 'turn' | 'side' | 'after-the-end';
  /** Index of its turn; null for the other kinds. */
  readonly turn: number | null;
}

/**
 * Goes through a script, one request after another. Behind its end it says `finish` again; a conversation that begins
 * after the end goes through it anew.
 */
export class ScriptRun {
  private at = 0;
  private faults = 0;
  /** What was tried for the edit of this turn. */
  private tried: 'nothing' | 'read' | 'native' = 'nothing';
  private readonly script: ModelScript;

  constructor(script: ModelScript) {
    this.script = script;
  }

  next(request: ModelRequest): Step {
    if (this.isSide(request)) return { answer: this.side(request), kind: 'side', turn: null };
    if (this.tried === 'native' && !seemsFailed(request.lastResult)) this.advance(1);
    if (request.fresh && this.at >= this.script.turns.length) this.at = 0;
    const turn = this.script.turns[this.at];
    const number = this.at;
    if (turn !== undefined) return { answer: this.play(turn, request), kind: 'turn', turn: number };
    return { answer: this.say(sayFinish(request, ''), {}), kind: 'after-the-end', turn: null };
  }

  private isSide(request: ModelRequest): boolean {
    if (request.tools.length > 0 || textProtocol(request) !== null) return false;
    return !this.script.toolless || TITLE.test(request.words);
  }

  private side(request: ModelRequest): Answer {
    const { text, usage } = this.script.side;
    const { answerSchema } = request;
    const said = answerSchema === null ? text : JSON.stringify(fillArguments(answerSchema, null));
    return this.say({ kind: 'text', text: said }, { usage });
  }

  private play(turn: Turn, request: ModelRequest): Answer {
    const { fault, times } = turn;
    if (fault === 'slow') {
      return this.say(this.sayingOf(turn, request, true), turn, { kind: 'slow', delayMs: turn.delayMs });
    }
    if (fault !== undefined && (times === 'for-ever' || this.faults < times)) {
      this.faults += 1;
      const follows = ACTS.some((name) => turn[name] !== undefined) && fault !== 'refuse' && fault !== 'loop';
      if (this.faults === times && !follows) this.advance(1);
      return this.misbehave(fault, turn, request);
    }
    return this.say(this.sayingOf(turn, request, true), turn);
  }

  private misbehave(fault: Exclude<Fault, 'slow'>, turn: Turn, request: ModelRequest): Answer {
    switch (fault) {
      case 'unauthorized':
      case 'rate-limited':
      case 'server-error':
      case 'context-exceeded':
        return { kind: 'error', error: fault, retryAfterSeconds: turn.retryAfterSeconds };
      case 'wait':
        return { kind: 'wait' };
      case 'refuse':
        return this.say({ kind: 'refusal', text: turn.text ?? "I can't help with that." }, turn);
      case 'empty':
        return this.say({ kind: 'text', text: '' }, turn);
      case 'bad-arguments': {
        const saying = sayShell(request, turn.shell ?? 'true');
        return this.say(saying.kind === 'call' ? { ...saying, broken: '{"command": "tru' } : saying, turn);
      }
      case 'cut':
      case 'malformed':
        return this.say(this.sayingOf(turn, request, false), turn, { kind: fault });
      case 'loop':
        return this.say(sayShell(request, turn.shell ?? 'ls'), turn);
    }
  }

  /** What a turn says; `spends`: the script goes on once it is said. */
  private sayingOf(turn: Turn, request: ModelRequest, spends: boolean): Saying {
    if (turn.edit !== undefined) return this.editing(turn.edit, request, spends);
    if (spends) this.advance(1);
    if (turn.shell !== undefined) return sayShell(request, turn.shell);
    if (turn.finish !== undefined) return sayFinish(request, turn.finish);
    return { kind: 'text', text: turn.text ?? 'I looked at it.' };
  }

  private editing(edit: NonNullable<Turn['edit']>, request: ModelRequest, spends: boolean): Saying {
    if (textProtocol(request) === 'search-replace') {
      // these agents take all edits at once and do not come back
      const edits = this.script.turns.slice(this.at).map((one) => one.edit);
      const end = edits.findIndex((one) => one === undefined);
      const together = edits
        .slice(0, end === -1 ? edits.length : end)
        .flatMap((one) => (one === undefined ? [] : [one]));
      if (spends) this.advance(together.length);
      return sayEdits(together.map(searchReplace));
    }
    const native = this.script.edits === 'native' ? nativeEdit(request, edit) : undefined;
    if (native === undefined || this.tried === 'native') {
      if (spends) this.advance(1);
      return sayShell(request, editCommand(edit));
    }
    const { read } = native;
    if (this.tried === 'nothing' && read !== null) {
      if (spends) this.tried = 'read';
      return { kind: 'call', name: read.tool.name, arguments: read.arguments, broken: null };
    }
    if (spends) this.tried = 'native';
    return { kind: 'call', name: native.tool.name, arguments: native.arguments, broken: null };
  }

  private advance(turns: number): void {
    this.at += turns;
    this.faults = 0;
    this.tried = 'nothing';
  }

  private say(
    saying: Saying,
    { usage }: Pick<Turn, 'usage'>,
    delivery: Delivery = { kind: 'whole' },
  ): Answer {
    return { kind: 'saying', saying, usage: usageOf(usage, this.script.usage), delivery };
  }
}

const ACTS = ['shell', 'edit', 'text', 'finish'] as const;
const TITLE =
  /\b(?:generate|create|write|give|suggest|choose|propose|make)\b.{0,60}\b(?:title|name|summary|topic)\b.{0,60}\b(?:conversation|chat|session|thread|request)/i;

function usageOf(own: Turn['usage'], common: ModelScript['usage']): TokenUsage {
  const of = (name: keyof TokenUsage): number => own?.[name] ?? common[name] ?? 0;
  return {
    inputTokens: of('inputTokens'),
    cachedTokens: of('cachedTokens'),
    cacheWriteTokens: of('cacheWriteTokens'),
    outputTokens: of('outputTokens'),
    reasoningTokens: of('reasoningTokens'),
  };
}

import type { Saying } from './answer.ts';
import type { ModelRequest } from './request.ts';
import { fillArguments, finishTool, shellTool } from './tools.ts';

/** mini-swe-agent ends by running this. */
const SUBMIT = 'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';

/** How an agent that offers no tools is to be answered, by what its prompt says; null: not known, or it offers tools. */
export function textProtocol({ tools, words }: ModelRequest): 'search-replace' | 'fenced-shell' | null {
  if (tools.length > 0) return null;
  if (words.includes('<<<<<<< SEARCH') || words.includes('SEARCH/REPLACE')) return 'search-replace';
  return words.includes(SUBMIT) ? 'fenced-shell' : null;
}

/** A command line: by the shell tool, else as the text protocol has it, else in words that change nothing. */
export function sayShell(request: ModelRequest, command: string): Saying {
  const tool = shellTool(request.tools);
  if (tool !== undefined) {
    return { kind: 'call', name: tool.name, arguments: fillArguments(tool.schema, command), broken: null };
  }
  if (textProtocol(request) !== 'fenced-shell') return { kind: 'text', text: `I would run: ${command}` };
  const fence = request.words.includes('mswea_bash_command') ? 'mswea_bash_command' : 'bash';
  return { kind: 'text', text: `THOUGHT: the next step.\n\n\`\`\`${fence}\n${command}\n\`\`\`\n` };
}

/** The end: by a tool made for it, by the command that ends some agents, else in words. */
export function sayFinish(request: ModelRequest, summary: string): Saying {
  const tool = finishTool(request.tools);
  const text = summary === '' ? 'Done.' : summary;
  if (tool !== undefined) {
    return { kind: 'call', name: tool.name, arguments: fillArguments(tool.schema, 'true'), broken: null };
  }
  return request.words.includes(SUBMIT) ? sayShell(request, `echo ${SUBMIT}`) : { kind: 'text', text };
}

export function sayEdits(blocks: readonly string[]): Saying {
  return { kind: 'text', text: blocks.join('\n') };
}

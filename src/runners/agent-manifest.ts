import * as z from 'zod';
import { WIRE_FORMS } from '../model/model-calls.ts';

/** Tools that the pipeline can lay beside an agent; each is a static program, locked by hash. */
export const AGENT_TOOLS = ['ast-grep', 'uv'] as const;
export type AgentTool = (typeof AGENT_TOOLS)[number];

const parameter = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('string'), default: z.string(), description: z.string().optional() }),
    z.strictObject({ type: z.literal('integer'), default: z.int(), description: z.string().optional() }),
    z.strictObject({ type: z.literal('number'), default: z.number(), description: z.string().optional() }),
    z.strictObject({ type: z.literal('boolean'), default: z.boolean(), description: z.string().optional() }),
  ])
  .readonly();
export type AgentParameter = z.infer<typeof parameter>;

const name = /^[A-Za-z_][A-Za-z0-9_]*$/;
const relative = z
  .string()
  .min(1)
  .refine((text) => !text.startsWith('/') && !text.split('/').includes('..'), {
    error: 'must be a path inside the folder it belongs to',
  });

/** Shapes in which agents leave their own count of tokens: read by `agent-usage.ts`. */
export const USAGE_FORMS = [
  'claude',
  'codex',
  'gemini',
  'qwen',
  'opencode',
  'mini',
  'aider',
  'continue',
  'pi',
  'cline',
  'copilot',
  'gptme',
] as const;
export type UsageForm = (typeof USAGE_FORMS)[number];

/** `agents/<name>/agent.yaml`; the folder's name is the agent's name. */
export const agentManifest = z
  .strictObject({
    schema: z.literal(1),
    role: z.enum(['coding', 'testing']),
    /** The agent's own version, for people; what its folder holds enters the key by content. */
    version: z.string().min(1),
    description: z.string().min(1),
    /** Run by the pipeline itself, not as a command. Only agents that come with the pipeline are. */
    builtIn: z.boolean().default(false),
    /** What the sandbox is made of; absent: the base image. A Dockerfile starts `FROM` the base image. */
    image: z
      .union([z.strictObject({ dockerfile: relative }), z.strictObject({ ready: z.string().min(1) })])
      .optional(),
    /** A POSIX shell script that installs the agent into `/opt/agent`, on every runtime: see `agents/README.md`. */
    install: relative.optional(),
    /** What the script reads besides itself (files and folders): nothing else of the agent's folder is there. */
    installFiles: z.array(relative).default([]),
    /** Program and arguments; the agent's own folder is seen at `/agent`. Absent only for built-in agents. */
    command: z.array(z.string()).min(1).optional(),
    /** Laid into the folder that it is shown: path there -> file or folder, from its own folder. */
    include: z.record(relative, z.string().min(1)).default({}),
    parameters: z.record(z.string().regex(name), parameter).default({}),
    /** Names of host variables that it may see. */
    environment: z.array(z.string().regex(name)).default([]),
    /** `model`: one way out, to the model gateway. */
    network: z.enum(['none', 'model']).default('none'),
    /** The wire forms in which it can speak to its model; needed where `network` is `model`. */
    model: z.strictObject({ forms: z.array(z.enum(WIRE_FORMS)).min(1) }).optional(),
    /** Whether it was seen to work, sealed, against a scripted model; where not, `unproven` says why. */
    verified: z.boolean().optional(),
    unproven: z.string().min(1).optional(),
    /** Where its own count of tokens lies: on its stdout, or in that file below `/output`. */
    usage: z
      .strictObject({
        from: z.union([z.literal('stdout'), z.strictObject({ output: relative })]),
        form: z.enum(USAGE_FORMS),
      })
      .optional(),
    /** May only lower what is configured. */
    limits: z
      .strictObject({
        memoryMiB: z.int().min(64),
        cpus: z.number().min(0.1),
        pids: z.int().min(8),
        wallSeconds: z.number().min(1),
        idleSeconds: z.number().min(1),
        outputMiB: z.number().min(1),
        diskMiB: z.int().min(1),
      })
      .partial()
      .default({}),
    /** What it writes below `/output`, for people; everything there is kept within bounds. */
    outputs: z.array(relative).default([]),
    /** What its tool leaves in a workspace: left out of the patch (names, or paths from the root; `*` and `?`). */
    droppings: z.array(z.string().min(1)).default([]),
    /** Locked tools, each on the PATH. */
    tools: z.array(z.enum(AGENT_TOOLS)).default([]),
  })
  .superRefine((manifest, context) => {
    if (manifest.builtIn === (manifest.command !== undefined)) {
      const message = manifest.builtIn
        ? 'is not for built-in agents, which the pipeline runs itself'
        : 'is missing: it says what to start';
      context.addIssue({ code: 'custom', path: ['command'], message });
    }
    const wrong = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message });
    if ((manifest.model !== undefined) !== (manifest.network === 'model'))
      wrong(
        'model',
        manifest.model === undefined ? 'is missing: network is model' : 'is only for network: model',
      );
    if (manifest.installFiles.length > 0 && manifest.install === undefined)
      wrong('installFiles', 'are read by nothing: there is no install');
    if ((manifest.unproven !== undefined) !== (manifest.verified === false))
      wrong('unproven', 'goes with verified: false, and says why');
  });
export type AgentManifest = z.infer<typeof agentManifest>;

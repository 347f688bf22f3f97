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
    /** Program and arguments; the agent's own folder is seen at `/agent`. Absent only for built-in agents. */
    command: z.array(z.string()).min(1).optional(),
    parameters: z.record(z.string().regex(name), parameter).default({}),
    /** Names of host variables that it may see. */
    environment: z.array(z.string().regex(name)).default([]),
    /** `model`: one way out, to the model gateway. */
    network: z.enum(['none', 'model']).default('none'),
    /** For `network: model`: the wire forms that it speaks, the preferred one first. */
    model: z.strictObject({ forms: z.array(z.enum(WIRE_FORMS)).min(1) }).optional(),
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
    if ((manifest.network === 'model') !== (manifest.model !== undefined)) {
      const message =
        manifest.model === undefined
          ? 'is missing: network: model needs the wire forms that it speaks (model: { forms: [openai] })'
          : 'is only for agents with network: model';
      context.addIssue({ code: 'custom', path: ['model'], message });
    }
  });
export type AgentManifest = z.infer<typeof agentManifest>;

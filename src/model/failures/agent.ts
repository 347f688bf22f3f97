/** What an agent, or the description of one, can do wrong. An agent's outcome is a result, not one of these. */
export type AgentFailure = {
  readonly class: 'config';
  readonly reason: 'agent-unknown';
  readonly name: string;
  readonly nearest: readonly string[];
};

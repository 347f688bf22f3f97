import type { Failure } from '../../model/failure.ts';

export function wordAgentFailure(failure: Failure): string | undefined {
  switch (failure.reason) {
    case 'agent-unknown': {
      const nearest = failure.nearest.length === 0 ? '' : ` Did you mean ${failure.nearest.join(' or ')}?`;
      return `There is no agent "${failure.name}".${nearest} \`mig-pipeline list-agents\` shows those at hand; --agents-dir adds a folder of them.`;
    }
    case 'agent-role':
      return `The agent "${failure.name}" is a ${failure.role} agent; a ${failure.wanted} agent is needed here. \`mig-pipeline list-agents\` shows the role of each.`;
    case 'agent-needs-model':
      return `The agent "${failure.name}" needs a model (network: model in its agent.yaml), and agents that call a model cannot be run yet. Choose an agent whose network is none.`;
    case 'agent-command-missing':
      return `The agent "${failure.name}" starts "${failure.command}", which is not in its sandbox (${failure.image}). Correct "command" in ${failure.file}, or give the agent an image that has it.`;
    case 'agent-needs-engine':
      return `The agent "${failure.name}" is made of an image, and without a container engine there are none. Use --runtime docker (\`mig-pipeline doctor\` says whether an engine answers), or another testing agent.`;
    case 'agent-parameter': {
      const nearest = failure.nearest.length === 0 ? '' : ` Did you mean ${failure.nearest.join(' or ')}?`;
      return `Parameter "${failure.parameter}" of the agent "${failure.name}" ${failure.problem}.${nearest}`;
    }
    case 'agents-folder-missing':
      return `The folder of agents ${failure.folder} is not there. Correct --agents-dir, or agentsDirs in the configuration.`;
    case 'agent-leak':
      if (failure.class === 'config')
        return `The agent "${failure.name}" is refused for ${failure.pair}, because its own folder, image, parameters or variables hold what it must not see: ${failure.findings.join('; ')}. Nothing was started. Take it out of the agent, or leave this migration out of what the agent is compared by.`;
      return `The agent "${failure.name}" was not started, because what was prepared for it holds more than it may see: ${failure.findings.join('; ')}. This is a bug of mig-pipeline; please report it.`;
    default:
      return undefined;
  }
}

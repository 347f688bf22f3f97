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
      return `The agent "${failure.name}" calls a model, and none is named: --model <provider>/<model>${failure.providers.length === 0 ? '' : `, with a provider that it can talk to (${failure.providers.join(', ')})`}.`;
    case 'model-unknown': {
      const nearest = failure.nearest.length === 0 ? '' : ` Did you mean ${failure.nearest.join(' or ')}?`;
      return `The model "${failure.model}" is not of the form <provider>/<model> with a configured provider (${failure.providers.join(', ')}), and no name below "models" in the configuration.${nearest}`;
    }
    case 'model-form':
      return `The agent "${failure.name}" speaks ${failure.forms.join(' and ')}, and the provider "${failure.provider}" speaks ${failure.form}; calls are not translated. Choose a model of another provider, or another agent.`;
    case 'model-key-rejected':
      return `The model server of ${failure.model} rejected the key (${failure.status}: ${failure.message}). The agent "${failure.name}" was not measured; correct the key and run again.`;
    case 'model-not-allowed':
      return `No call of the agent "${failure.name}" was for a model that it may have: ${failure.message} Name what it asks for below "models" in the configuration.`;
    case 'replay-unseen':
      return `The agent "${failure.name}" sent a request that the recording does not hold: ${failure.message}`;
    case 'model-failed': {
      const what =
        failure.ended === 'cut'
          ? 'the answer was cut in its middle'
          : failure.status === 0
            ? 'no answer'
            : `status ${failure.status}`;
      const answered =
        failure.answered === 0
          ? `none of ${failure.calls} calls of ${failure.model} was answered`
          : `the last of ${failure.calls} calls of ${failure.model} failed`;
      return `The agent "${failure.name}" was not measured: ${answered} (${what}: ${failure.message}). The next run tries again.`;
    }
    case 'agent-called-no-model':
      return `The agent "${failure.name}" ended (${failure.how}) without calling its model once, so nothing was measured${failure.words === '' ? '' : `; its last words: ${failure.words}`}. Its output is in ${failure.log}; \`mig-pipeline agent try ${failure.name}\` tries it without cost.`;
    case 'budget-spent': {
      const limit = failure.kind === 'usd' ? `$${failure.limit}` : `${failure.limit} ${failure.kind}`;
      return `The agent "${failure.name}" was not measured: the budget of the ${failure.scope} (${limit}) was met before its first call. Raise it, and the next run tries again.`;
    }
    case 'agent-not-made':
      return `The agent "${failure.name}" was not made in ${failure.folder}: ${failure.problem}.`;
    case 'model-door-closed':
      return `No way from the sandbox of "${failure.name}" to the model could be opened (${failure.tried.map(({ way, detail }) => `${way}: ${detail}`).join('; ')}). An engine in a virtual machine does not mount sockets of this machine: gateway.door: network in config/pipeline.yaml takes a network of the engine's, and --runtime local needs no engine.`;
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
    case 'agent-install-failed':
      return `${failure.file}:${failure.line}: installing the agent "${failure.name}" failed at "${failure.step}". Its last words: ${failure.log}. Nothing was kept; mend the script or its lock files, or the way to the package registries (\`mig-pipeline doctor\`), and run again.`;
    case 'agent-install-settings':
      return `${failure.file}: what the agent "${failure.name}" installed holds package settings of this machine (an index's address, a proxy or a credential) in ${failure.kept.join(', ')}. Nothing was kept; let the script remove them, and run again.`;
    case 'agent-leak':
      if (failure.class === 'config')
        return `The agent "${failure.name}" is refused for ${failure.pair}, because its own folder, image, parameters or variables hold what it must not see: ${failure.findings.join('; ')}. Nothing was started. Take it out of the agent, or leave this migration out of what the agent is compared by.`;
      return `The agent "${failure.name}" was not started, because what was prepared for it holds more than it may see: ${failure.findings.join('; ')}. This is a bug of mig-pipeline; please report it.`;
    default:
      return undefined;
  }
}

import type { DoorWay } from '../model-calls.ts';

/**
 * What can be wrong with an agent's folder, or with asking for it. How an attempt of an agent ended is a
 * result, not one of these.
 */
export type AgentFailure =
  | {
      readonly class: 'config';
      readonly reason: 'agent-unknown';
      readonly name: string;
      readonly nearest: readonly string[];
    }
  | {
      /** The agent is there, and plays another role. */
      readonly class: 'config';
      readonly reason: 'agent-role';
      readonly name: string;
      readonly role: string;
      readonly wanted: string;
    }
  | {
      /** It calls a model, and none was named. */
      readonly class: 'config';
      readonly reason: 'agent-needs-model';
      readonly name: string;
      /** Configured providers of a form that it speaks. */
      readonly providers: readonly string[];
    }
  | {
      /** The model that was named is not `provider/model` of a configured provider, nor one of `models`. */
      readonly class: 'config';
      readonly reason: 'model-unknown';
      readonly model: string;
      readonly providers: readonly string[];
      readonly nearest: readonly string[];
    }
  | {
      readonly class: 'config';
      readonly reason: 'model-form';
      readonly name: string;
      readonly forms: readonly string[];
      readonly provider: string;
      readonly form: string;
    }
  | {
      /** The provider rejected our key. */
      readonly class: 'config';
      readonly reason: 'model-key-rejected';
      readonly name: string;
      readonly model: string;
      readonly status: number;
      readonly message: string;
    }
  | {
      /** It asked for models that it may not have, and got no answer from any. */
      readonly class: 'config';
      readonly reason: 'model-not-allowed';
      readonly name: string;
      readonly message: string;
    }
  | {
      /** A replay met a request that was not recorded. */
      readonly class: 'config';
      readonly reason: 'replay-unseen';
      readonly name: string;
      readonly message: string;
    }
  | {
      /** Its last call of a model failed by the provider's doing, or none was answered. */
      readonly class: 'infra';
      readonly reason: 'model-failed';
      readonly name: string;
      readonly model: string;
      readonly calls: number;
      readonly answered: number;
      readonly ended: 'error' | 'cut';
      /** HTTP status; 0 where there was no answer. */
      readonly status: number;
      readonly message: string;
    }
  | {
      /** It ended without having called the model once: nothing was measured. */
      readonly class: 'infra';
      readonly reason: 'agent-called-no-model';
      readonly name: string;
      readonly how: string;
      readonly words: string;
      readonly log: string;
    }
  | {
      /** A ceiling that it shares with others was met before its first call. */
      readonly class: 'budget';
      readonly reason: 'budget-spent';
      readonly name: string;
      readonly scope: string;
      readonly kind: 'usd' | 'tokens' | 'calls';
      readonly limit: number;
    }
  | {
      readonly class: 'config';
      readonly reason: 'agent-not-made';
      readonly name: string;
      readonly folder: string;
      readonly problem: string;
    }
  | {
      /** No way from its sandbox to the model could be opened. */
      readonly class: 'infra';
      readonly reason: 'model-door-closed';
      readonly name: string;
      /** The ways that were tried, in their order. */
      readonly tried: readonly { readonly way: DoorWay; readonly detail: string }[];
    }
  | {
      /** The program that its command names is not in the sandbox. */
      readonly class: 'config';
      readonly reason: 'agent-command-missing';
      readonly name: string;
      readonly file: string;
      readonly command: string;
      readonly image: string;
    }
  | {
      readonly class: 'config';
      readonly reason: 'agent-parameter';
      readonly name: string;
      readonly parameter: string;
      readonly problem: string;
      readonly nearest: readonly string[];
    }
  | {
      readonly class: 'config';
      readonly reason: 'agents-folder-missing';
      readonly folder: string;
    }
  | {
      /** It is an image, and there is no engine to make and run it. */
      readonly class: 'config';
      readonly reason: 'agent-needs-engine';
      readonly name: string;
    }
  | {
      /** Its install script ended badly at `step`; `log` is the end of what it wrote. */
      readonly class: 'infra';
      readonly reason: 'agent-install-failed';
      readonly name: string;
      readonly file: string;
      readonly line: number;
      readonly step: string;
      readonly log: string;
    }
  | {
      /** What it installed holds package settings of this machine (addresses, credentials), in `kept`. */
      readonly class: 'config';
      readonly reason: 'agent-install-settings';
      readonly name: string;
      readonly file: string;
      readonly kept: readonly string[];
    }
  | {
      /**
       * An agent was about to get more than it may see; nothing was started. `bug`: we prepared it so. `config`: its own
       * folder, image, parameters or variables hold the answer, so it is refused for this pair of libraries.
       */
      readonly class: 'bug' | 'config';
      readonly reason: 'agent-leak';
      readonly name: string;
      /** `toml -> tomli`. */
      readonly pair: string;
      readonly findings: readonly string[];
    };

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
      /** Its manifest asks for a model, and nothing here can give it one. */
      readonly class: 'config';
      readonly reason: 'agent-needs-model';
      readonly name: string;
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

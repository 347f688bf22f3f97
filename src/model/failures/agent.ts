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
      /** What was prepared for an agent holds more than it may see: our own mistake, nothing was started. */
      readonly class: 'bug';
      readonly reason: 'agent-leak';
      readonly name: string;
      readonly findings: readonly string[];
    };

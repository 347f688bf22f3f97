/** What stops the model gateway from being opened, or an agent's door to it. */
export type GatewayFailure =
  | {
      readonly class: 'config';
      readonly reason: 'model-provider-unknown';
      /** As agents ask for it. */
      readonly model: string;
      readonly provider: string;
      readonly known: readonly string[];
    }
  | {
      readonly class: 'config';
      readonly reason: 'provider-address-invalid';
      readonly provider: string;
      readonly address: string;
    }
  | {
      /** The host variable that should hold a key is not set. */
      readonly class: 'config';
      readonly reason: 'provider-key-missing';
      readonly provider: string;
      readonly variable: string;
    }
  | {
      /** A ceiling of money, and a model whose calls cannot be priced. */
      readonly class: 'config';
      readonly reason: 'price-missing';
      readonly model: string;
      readonly provider: string;
      readonly day: string;
      readonly file: string;
    }
  | { readonly class: 'config'; readonly reason: 'record-with-replay' }
  | {
      readonly class: 'config';
      readonly reason: 'replay-missing';
      readonly folder: string;
      readonly detail: string;
    }
  | {
      readonly class: 'infra';
      readonly reason: 'gateway-socket-unusable';
      readonly socket: string;
      readonly detail: string;
    }
  | {
      /** An address of this machine at which containers were to reach it. */
      readonly class: 'infra';
      readonly reason: 'gateway-address-unusable';
      readonly host: string;
      readonly detail: string;
    }
  | {
      readonly class: 'infra';
      readonly reason: 'gateway-folder-unusable';
      readonly folder: string;
      readonly detail: string;
    };

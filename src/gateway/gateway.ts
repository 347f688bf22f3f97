import type { GatewayFailure } from '../model/failures/gateway.ts';
import type { Price, Provider } from '../model/model-calls.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { openStreaming, type NetworkSettings, type StreamingClient } from '../workspace/http.ts';
import { newToken, openDoor, type Door } from './door.ts';
import type { DoorPlace } from './door-server.ts';
import { Ledger } from './ledger.ts';
import type { Meter, Spent } from './meter.ts';
import { priceOf } from './money.ts';
import type { Offer } from './prepare.ts';
import { openRecorder, type Recorder } from './recorder.ts';
import { redactorOf } from './redaction.ts';
import { openReplay } from './replay.ts';
import type { Source } from './source.ts';
import { TIMES, type GatewayTimes } from './times.ts';
import { upstream } from './upstream.ts';

export interface GatewayOptions {
  readonly providers: readonly Provider[];
  readonly prices: readonly Price[];
  /** Where the prices stand, for a failure's sentence. */
  readonly pricesFile?: string;
  /** What agents may ask for, and where it goes. */
  readonly models: Readonly<Record<string, { readonly provider: string; readonly model: string }>>;
  /** Value of a host variable; keys are read when a call needs them and kept nowhere. */
  readonly keyOf: (variable: string) => string | undefined;
  /** Folder in which every exchange is kept for a replay; null: none is. */
  readonly record: string | null;
  /** Folder of a recording that answers; no provider is contacted then. */
  readonly replay: string | null;
  /** `YYYY-MM-DD`, the day of the prices. */
  readonly day: string;
  readonly times?: Partial<GatewayTimes>;
  readonly network?: NetworkSettings;
}

export interface StartRequest {
  /** Of this start, the same in a replay: a folder's name. */
  readonly name: string;
  /** Path of the unix socket to make, at most 107 bytes, or an address; anyone who reaches it may connect. */
  readonly at: DoorPlace;
  /** Folder for `exchanges.jsonl` and `exchanges/`. */
  readonly exchangesDir: string;
  /** Of the attempt, the run, the sweep; shared objects. */
  readonly meters: readonly Meter[];
  /** Called once, when the first call is refused because a ceiling is reached. */
  readonly onBudget?: (spent: Spent) => void;
}

/** The one way from agents to models: adds keys, counts, stops, keeps and replays. */
export interface Gateway {
  open(start: StartRequest): Promise<Result<Door, GatewayFailure>>;
  /** Closes every door that is still open, and the connections to providers. */
  close(): Promise<void>;
}

/** Answers of more bytes are not handed on whole. */
const MOST_ANSWER_BYTES = 64 << 20;

/** Checks what it can before anything starts; nothing is opened before the first call. */
export function openGateway(options: GatewayOptions): Result<Gateway, GatewayFailure> {
  const wrong = problemOf(options);
  return wrong === undefined ? ok(new OpenGateway(options)) : fail(wrong);
}

function problemOf({ providers, models, keyOf, record, replay }: GatewayOptions): GatewayFailure | undefined {
  if (record !== null && replay !== null) return { class: 'config', reason: 'record-with-replay' };
  for (const [model, { provider: name }] of Object.entries(models)) {
    const provider = providers.find((one) => one.name === name);
    if (provider === undefined) {
      const known = providers.map((one) => one.name);
      return { class: 'config', reason: 'model-provider-unknown', model, provider: name, known };
    }
    const address = provider.baseUrl;
    if (!/^https?:$/.test(URL.canParse(address) ? new URL(address).protocol : ''))
      return { class: 'config', reason: 'provider-address-invalid', provider: name, address };
    const variable = provider.keyVariable;
    if (replay === null && variable !== null && (keyOf(variable) ?? '') === '')
      return { class: 'config', reason: 'provider-key-missing', provider: name, variable };
  }
  return undefined;
}

class OpenGateway implements Gateway {
  private readonly options: GatewayOptions;
  private readonly times: GatewayTimes;
  private readonly offer: Offer;
  private readonly providers: Source;
  private readonly doors = new Set<Door>();
  private client: Promise<StreamingClient> | undefined;

  constructor(options: GatewayOptions) {
    const { models, prices, day } = options;
    // a file that a key was read from often ends its line
    const keyOf = (variable: string): string | undefined => options.keyOf(variable)?.trim();
    this.options = { ...options, keyOf };
    this.times = { ...TIMES, ...options.times };
    this.offer = { models, prices, day, providers: new Map(options.providers.map((one) => [one.name, one])) };
    this.providers = upstream({
      client: () => this.connect(),
      keyOf,
      patience: this.times,
      mostAnswerBytes: MOST_ANSWER_BYTES,
    });
  }

  async open(start: StartRequest): Promise<Result<Door, GatewayFailure>> {
    const unpriced = this.unpriced(start.meters);
    if (unpriced !== undefined) return fail(unpriced);
    const { record, replay } = this.options;
    let source = this.providers;
    if (replay !== null) {
      try {
        source = openReplay(replay, start.name);
      } catch (error) {
        return fail({ class: 'config', reason: 'replay-missing', folder: replay, detail: wordsOf(error) });
      }
    }
    const token = newToken();
    const redactor = () => redactorOf([...this.keys(), token]);
    let folder = start.exchangesDir;
    let ledger: Ledger;
    let recorder: Recorder | null = null;
    try {
      ledger = new Ledger(folder, redactor);
      folder = record ?? folder;
      if (record !== null) recorder = openRecorder(record, start.name);
    } catch (error) {
      return fail({ class: 'infra', reason: 'gateway-folder-unusable', folder, detail: wordsOf(error) });
    }
    let told = false;
    const context = {
      offer: this.offer,
      source,
      ledger,
      recorder,
      meters: start.meters,
      redactor,
      onSpent: (spent: Spent) => {
        if (!told) start.onBudget?.(spent);
        told = true;
      },
      wholeCallMs: this.times.wholeCallMs,
      mostAnswerBytes: MOST_ANSWER_BYTES,
      givenUp: new Set<string>(),
    };
    const door = await openDoor(start.at, token, context, () => {
      // the forwarder looks in before the agent begins: what its first call needs is made meanwhile
      if (replay === null) this.connect().catch(() => undefined);
    });
    if (!door.ok) return door;
    const opened = door.value;
    this.doors.add(opened);
    return ok({ ...opened, close: () => opened.close().finally(() => this.doors.delete(opened)) });
  }

  async close(): Promise<void> {
    await Promise.all([...this.doors].map((door) => door.close()));
    this.doors.clear();
    const client = await this.client?.catch(() => undefined);
    await client?.close();
  }

  private connect(): Promise<StreamingClient> {
    return (this.client ??= openStreaming(this.options.network ?? { cert: null, proxy: null }, this.times));
  }

  /** A ceiling of money holds nothing where a model has no price. */
  private unpriced(meters: readonly Meter[]): GatewayFailure | undefined {
    if (meters.every(({ limits }) => limits.usd === null)) return undefined;
    const { prices, day, pricesFile = 'config/prices.yaml' } = this.options;
    for (const { provider, model } of Object.values(this.offer.models)) {
      if (priceOf(prices, provider, model, day) === undefined)
        return { class: 'config', reason: 'price-missing', model, provider, day, file: pricesFile };
    }
    return undefined;
  }

  private keys(): string[] {
    return this.options.providers.flatMap(({ keyVariable }) =>
      keyVariable === null ? [] : [this.options.keyOf(keyVariable) ?? ''],
    );
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

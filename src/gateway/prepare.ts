import type { Price, Provider } from '../model/model-calls.ts';
import type { Estimate } from './exchange.ts';
import { costOf, priceOf } from './money.ts';
import { membersOf, valueOf, withMember, type Member } from './request-body.ts';
import type { CallRoute } from './routes.ts';
import { NO_USAGE, record } from './usage.ts';
import type { RefusalReason } from './wire-errors.ts';

/** What agents may ask for and where it goes. */
export interface Offer {
  readonly models: Readonly<Record<string, { readonly provider: string; readonly model: string }>>;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly prices: readonly Price[];
  readonly day: string;
}

/** A call that may be made. */
export interface Prepared {
  readonly asked: string;
  readonly provider: Provider;
  readonly model: string;
  readonly price: Price | undefined;
  readonly body: Buffer;
  readonly stream: boolean;
  /** The closing chunk with counts was asked for by the gateway, not by the agent. */
  readonly usageAdded: boolean;
  /** More will not be spent: a token a byte of the request, and as many as it lets the model write. */
  readonly upper: Estimate;
}

export interface Refusal {
  readonly refused: RefusalReason;
  readonly message: string;
  readonly asked: string;
}

/** More than any known model writes in one answer; for requests that set no bound. */
const MOST_WRITTEN = 128_000;

/** Decides where a call goes and what is changed in its body: the model's name, and that counts are asked for. */
export function prepareCall(offer: Offer, route: CallRoute, body: Buffer): Prepared | Refusal {
  const members = membersOf(body);
  if (members === undefined) return refusal('bad-request', 'the body is not a JSON object');
  if (members.filter(({ key }) => key === 'model').length > 1)
    return refusal('bad-request', 'the body names its model twice');
  const asked = route.model ?? valueOf(body, members, 'model');
  if (typeof asked !== 'string' || asked === '') return refusal('bad-request', 'the body names no model');
  const target = Object.hasOwn(offer.models, asked) ? offer.models[asked] : undefined;
  const provider = offer.providers.get(target?.provider ?? '');
  if (target === undefined || provider === undefined) {
    const allowed = Object.keys(offer.models).join(', ') || 'none';
    return refusal(
      'model-not-allowed',
      `model "${asked}" may not be called here; allowed: ${allowed}`,
      asked,
    );
  }
  if (provider.form !== route.form) {
    const forms = `its provider ${provider.name} speaks the form of ${provider.form}, and this request is in that of ${route.form}`;
    return refusal('other-form', `model "${asked}" cannot be called this way: ${forms}`, asked);
  }
  const price = priceOf(offer.prices, provider.name, target.model, offer.day);
  const stream = route.endpoint === 'stream-generate' || valueOf(body, members, 'stream') === true;
  const changed = changedBody(
    route,
    body,
    members,
    stream,
    asked === target.model ? undefined : target.model,
  );
  const upper = estimateOf(price, body.length, mostWritten(body, members));
  return { asked, provider, model: target.model, price, stream, upper, ...changed };
}

function refusal(refused: RefusalReason, message: string, asked = ''): Refusal {
  return { refused, message, asked };
}

function changedBody(
  route: CallRoute,
  body: Buffer,
  members: readonly Member[],
  stream: boolean,
  model: string | undefined,
): Pick<Prepared, 'body' | 'usageAdded'> {
  const named =
    model === undefined || route.model !== null ? body : withMember(body, members, 'model', model);
  if (route.endpoint !== 'chat' || !stream) return { body: named, usageAdded: false };
  const moved = membersOf(named) ?? [];
  const options = valueOf(named, moved, 'stream_options');
  if (record(options)['include_usage'] === true) return { body: named, usageAdded: false };
  const value = { ...record(options), include_usage: true };
  return { body: withMember(named, moved, 'stream_options', value), usageAdded: true };
}

/** Tokens that an answer may have, by what the request says in any of the forms. */
function mostWritten(body: Buffer, members: readonly Member[]): number {
  const config = record(valueOf(body, members, 'generationConfig'));
  const bounds = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'].map((key) =>
    valueOf(body, members, key),
  );
  const told = [...bounds, config['maxOutputTokens']].filter((bound) => typeof bound === 'number');
  const answers = valueOf(body, members, 'n') ?? config['candidateCount'];
  return (
    (told.length === 0 ? MOST_WRITTEN : Math.max(...told)) *
    (typeof answers === 'number' ? Math.max(1, answers) : 1)
  );
}

/** An upper bound of what a call costs, at the dearest that its price knows. */
export function estimateOf(price: Price | undefined, inputTokens: number, outputTokens: number): Estimate {
  const tokens = inputTokens + outputTokens;
  if (price === undefined) return { tokens, usd: 0 };
  const dearest = { ...price, input: Math.max(price.input, price.cacheWrite ?? 0) };
  return { tokens, usd: costOf(dearest, { ...NO_USAGE, inputTokens, outputTokens }) };
}

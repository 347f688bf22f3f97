"""OpenAI chat completions: a conversation as a request, an answer read back."""

import json

from .conversation import Answer, Call, Result, Said

PATH = "/v1/chat/completions"


def headers(token):
    return {"authorization": f"Bearer {token}"}


def request(model, system, messages, tools, limit, temperature, limit_name="max_tokens"):
    """`tools`: [{name, description, parameters}]; a negative temperature is left out."""
    body = {"model": model, "messages": [{"role": "system", "content": system}], limit_name: limit}
    body["messages"] += [message_of(message) for message in messages]
    if tools:
        body["tools"] = [{"type": "function", "function": tool} for tool in tools]
    if temperature >= 0:
        body["temperature"] = temperature
    return body


def message_of(message):
    if isinstance(message, Said):
        return {"role": "user", "content": message.text}
    if isinstance(message, Result):
        return {"role": "tool", "tool_call_id": message.call, "content": message.text}
    said = {"role": "assistant", "content": message.text}
    if message.calls:
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                # some servers fail on a conversation that holds what is no JSON
                "function": {"name": call.name, "arguments": json.dumps(call.arguments or {})},
            }
            for call in message.calls
        ]
    return said


def answer(value):
    """Read an answer; raise ValueError where it is none."""
    try:
        choice = value["choices"][0]
        message = choice["message"]
        calls = [call_of(call) for call in message.get("tool_calls") or []]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"no answer of this form: {error!r}") from None
    ended = choice.get("finish_reason")
    refusal = message.get("refusal")
    return Answer(
        text=refusal or message.get("content") or "",
        calls=calls,
        refused=bool(refusal) or ended == "content_filter",
        cut_off=ended == "length",
        usage=usage_of(value.get("usage") or {}),
    )


def call_of(call):
    raw = call["function"].get("arguments") or "{}"
    try:
        arguments = json.loads(raw)
    except ValueError:
        arguments = None
    return Call(call["id"], call["function"]["name"], arguments if isinstance(arguments, dict) else None, raw)


def usage_of(usage):
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    return {
        "input_tokens": usage.get("prompt_tokens") or 0,
        "cached_tokens": prompt.get("cached_tokens") or 0,
        "cache_write_tokens": 0,
        "output_tokens": usage.get("completion_tokens") or 0,
        "reasoning_tokens": completion.get("reasoning_tokens") or 0,
    }

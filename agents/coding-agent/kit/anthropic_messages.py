"""Anthropic messages: a conversation as a request, an answer read back."""

import json

from .conversation import Answer, Call, Result, Said

PATH = "/v1/messages"
CACHE = {"type": "ephemeral"}


def headers(token):
    return {"x-api-key": token, "anthropic-version": "2023-06-01"}


def request(model, system, messages, tools, limit, temperature, limit_name="max_tokens"):
    """`tools`: [{name, description, parameters}]; a negative temperature is left out."""
    turns = []
    for message in messages:
        role = "assistant" if isinstance(message, Answer) else "user"
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks_of(message)
        else:
            turns.append({"role": role, "content": blocks_of(message)})
    if turns and turns[-1]["content"]:
        # what came before is read from the provider's cache by the next call
        turns[-1]["content"][-1] = {**turns[-1]["content"][-1], "cache_control": CACHE}
    system_block = {"type": "text", "text": system, "cache_control": CACHE}
    body = {"model": model, "system": [system_block], "messages": turns, limit_name: limit}
    if tools:
        body["tools"] = [
            {"name": tool["name"], "description": tool["description"], "input_schema": tool["parameters"]}
            for tool in tools
        ]
    if temperature >= 0:
        body["temperature"] = temperature
    return body


def blocks_of(message):
    if isinstance(message, Said):
        return [{"type": "text", "text": message.text}]
    if isinstance(message, Result):
        return [{"type": "tool_result", "tool_use_id": message.call, "content": message.text}]
    if message.content:
        return list(message.content)
    calls = [{"type": "tool_use", "id": one.id, "name": one.name, "input": one.arguments or {}} for one in message.calls]
    # an empty text is refused, and so is a turn without content
    text = message.text if message.text.strip() or calls else "(nothing)"
    return ([{"type": "text", "text": text}] if text.strip() else []) + calls


def answer(value):
    """Read an answer; raise ValueError where it is none."""
    content = value.get("content")
    if not isinstance(content, list):
        raise ValueError("no answer of this form: it has no content")
    try:
        text = "".join(block["text"] for block in content if block["type"] == "text")
        calls = [call_of(block) for block in content if block["type"] == "tool_use"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"no answer of this form: {error!r}") from None
    stop = value.get("stop_reason")
    return Answer(
        text=text,
        calls=calls,
        refused=stop == "refusal",
        cut_off=stop == "max_tokens",
        usage=usage_of(value.get("usage") or {}),
        content=content,
    )


def call_of(block):
    arguments = block["input"] if isinstance(block["input"], dict) else None
    return Call(block["id"], block["name"], arguments, json.dumps(block["input"]))


def usage_of(usage):
    read = usage.get("cache_read_input_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    return {
        "input_tokens": (usage.get("input_tokens") or 0) + read + written,
        "cached_tokens": read,
        "cache_write_tokens": written,
        "output_tokens": usage.get("output_tokens") or 0,
        "reasoning_tokens": 0,
    }

"""What is kept of a run: `trajectory.jsonl`, a line a step, and `usage.json`."""

import json
import time

FIELDS = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
SHOWN = 2000


class Record:
    """Writes as things happen: what is killed has its record up to there."""

    def __init__(self, output, model):
        self.output = output
        self.started = time.monotonic()
        self.usage = {"schema": 1, "model": model, "model_calls": 0, **dict.fromkeys(FIELDS, 0)}
        self.stream = open(output / "trajectory.jsonl", "w", encoding="utf-8")
        self._write_usage()

    def step(self, step, **facts):
        line = {"schema": 1, "step": step, "seconds": round(time.monotonic() - self.started, 2), **facts}
        self.stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.stream.flush()

    def prompt(self, system, text):
        self.step("prompt", system=system, text=text)

    def answer(self, answer):
        self.usage["model_calls"] += 1
        for name in FIELDS:
            self.usage[name] += answer.usage.get(name, 0)
        self._write_usage()
        flags = {name: True for name in ("refused", "cut_off") if getattr(answer, name)}
        self.step("call", text=answer.text, usage=answer.usage, **flags)
        for call in answer.calls:
            given = shortened(call.raw) if call.arguments is None else call.arguments
            self.step("tool", id=call.id, name=call.name, arguments=given)

    def result(self, call, text):
        self.step("result", id=call.id, name=call.name, characters=len(text), text=shortened(text))

    def end(self, reason, words):
        self.step("end", reason=reason, words=words)
        self.stream.close()

    def _write_usage(self):
        (self.output / "usage.json").write_text(json.dumps(self.usage) + "\n", encoding="utf-8")


def shortened(text, limit=SHOWN):
    """Beginning and end of a long text."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters ...]\n{text[-half:]}"

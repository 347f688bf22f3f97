"""Keeps a conversation within the model's window: the same cuts for the same conversation, and no call of a model for it."""

import json

from kit.conversation import Answer, Result, Said

RECENT = 6
# cut to less than the window, so that the next few calls find the same beginning in the provider's cache
AFTER_CUT = 0.7


class Conversation:
    """What the model is sent: the system's words, the task, and what was done since."""

    def __init__(self, system, task, window):
        self.system = system
        self.task = task
        self.window = window
        self.messages = [Said(task)]
        self.summary = []
        # characters a token: corrected by what the provider counts
        self.ratio = 3.0

    def add(self, message):
        self.messages.append(message)

    def learn(self, input_tokens):
        """The provider's own count of what was just sent."""
        if input_tokens > 200:
            self.ratio = min(6.0, max(1.0, self._characters() / input_tokens))

    def tokens(self):
        return int(self._characters() / self.ratio)

    def _characters(self):
        return len(self.system) + sum(size_of(message) for message in self.messages)

    def fit(self, record):
        """Cut until it fits: old results of tools first, then whole old steps, of which a line each is left."""
        if self.tokens() <= self.window:
            return
        before, goal = self.tokens(), self.window * AFTER_CUT
        cut = self._cut_results(goal)
        dropped = self._drop_steps(goal)
        cut += self._cut_results(goal, keep=0)
        record.step("trim", before=before, after=self.tokens(), results_cut=cut, steps_dropped=dropped)

    def shrink(self, record):
        """The provider found it too long: cut to half. False where there is nothing left to cut."""
        before = self._characters()
        self.window = min(self.window, self.tokens()) // 2
        self.fit(record)
        return self._characters() < before

    def _cut_results(self, goal, keep=RECENT):
        cut = 0
        for message in self.messages[1 : len(self.messages) - keep]:
            if self.tokens() <= goal:
                break
            if isinstance(message, Result) and len(message.text) > 200:
                message.text = f"[{len(message.text)} characters of {message.name}, left out: ask again if you need them]"
                cut += 1
        return cut

    def _drop_steps(self, goal):
        dropped = 0
        while self.tokens() > goal:
            # a step is an answer with all that follows it up to the next
            starts = [at for at, message in enumerate(self.messages) if isinstance(message, Answer)]
            if len(starts) < 3:
                break
            step = self.messages[starts[0] : starts[1]]
            del self.messages[1 : starts[1]]
            self.summary += lines_of(step)
            dropped += 1
            done = "\n".join(self.summary[-60:])
            self.messages[0] = Said(f"{self.task}\n\nWhat you did before, in short (left out here):\n{done}")
        return dropped


def size_of(message):
    if isinstance(message, Answer):
        return len(message.text) + sum(len(call.raw) + 50 for call in message.calls)
    return len(message.text) + 20


def lines_of(step):
    """What a step did, a line a call."""
    results = {message.call: message.text for message in step if isinstance(message, Result)}
    lines = []
    for call in step[0].calls:
        given = json.dumps(call.arguments, ensure_ascii=False)[:160] if call.arguments is not None else "unreadable"
        first = results.get(call.id, "").strip().split("\n")[0][:120]
        lines.append(f"- {call.name} {given} -> {first}")
    return lines or [f"- you said: {step[0].text.strip()[:160]}"]

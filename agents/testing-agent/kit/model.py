"""The model behind the gateway."""

import os

from . import anthropic_messages, openai_chat
from .door import Door, Final
from .task import SetupError

FORMS = {"openai": openai_chat, "anthropic": anthropic_messages}


class Model:
    """Asks one model; every call goes through the gateway, which knows the key."""

    def __init__(self, task):
        missing = [name for name in ("GATEWAY_URL", "GATEWAY_TOKEN", "MODEL", "MODEL_FORM") if name not in os.environ]
        if missing:
            raise SetupError(f"{', '.join(missing)} is not set: this agent needs a model")
        form = os.environ["MODEL_FORM"]
        if form not in FORMS:
            raise SetupError(f"MODEL_FORM is {form}; this agent speaks {' and '.join(FORMS)}")
        self.form = FORMS[form]
        self.name = os.environ["MODEL"]
        self.limit = task.parameters["maxOutputTokens"]
        self.temperature = task.parameters["temperature"]
        self.limit_name = "max_tokens"
        headers = self.form.headers(os.environ["GATEWAY_TOKEN"])
        self.door = Door(os.environ["GATEWAY_URL"], headers, task.seconds_left)

    def ask(self, system, messages, tools=()):
        """Return the Answer; raise Final."""
        try:
            return self._ask(system, messages, tools)
        except Final as end:
            # newer models of that form take the same limit under another name only
            if end.status != 400 or "max_completion_tokens" not in str(end) or self.limit_name != "max_tokens":
                raise
            self.limit_name = "max_completion_tokens"
            return self._ask(system, messages, tools)

    def _ask(self, system, messages, tools):
        body = self.form.request(
            self.name, system, messages, list(tools), self.limit, self.temperature, self.limit_name
        )
        try:
            return self.form.answer(self.door.post(self.form.PATH, body))
        except ValueError as error:
            raise Final("broken-answer", str(error)) from None

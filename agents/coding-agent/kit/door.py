"""The one way out: JSON over HTTP to the gateway, which itself waits for providers that are busy or down."""

import http.client
import json
import socket
import time
import urllib.error
import urllib.request

from .patience import Patience

PAUSES = (0.2, 1, 3)
CONTEXT_WORDS = ("context_length", "context length", "prompt is too long", "maximum context", "too many tokens")


class Final(Exception):
    """No answer will come. `reason`: context-exceeded, model-error, no-connection, broken-answer, time."""

    def __init__(self, reason, message, status=0):
        super().__init__(message)
        self.reason = reason
        self.status = status


class Door:
    """Posts to the gateway. Only broken connections are tried again: what the gateway answers is final."""

    def __init__(self, url, headers, seconds_left):
        self.url = url.rstrip("/")
        self.headers = {"content-type": "application/json", **headers}
        self.seconds_left = seconds_left
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def post(self, path, body):
        """Return the JSON object of an answer; raise Final."""
        data = json.dumps(body).encode()
        problem = Final("no-connection", "it was not tried")
        for pause in (*PAUSES, None):
            left = self.seconds_left()
            if left is not None and left <= 0:
                raise Final("time", "the time is over")
            try:
                return self._once(path, data, left)
            except urllib.error.HTTPError as error:
                raise final_of(error) from None
            except json.JSONDecodeError as error:
                problem = Final("broken-answer", f"the answer is no JSON: {error}")
            except TimeoutError:
                problem = Final("time", "the model did not answer before the time was over")
            except (OSError, http.client.HTTPException) as error:
                late = isinstance(getattr(error, "reason", None), (TimeoutError, socket.timeout))
                problem = Final("time" if late else "no-connection", f"{type(error).__name__}: {error}")
            if problem.reason == "time":
                break
            if pause is not None:
                time.sleep(pause)
        raise problem

    def _once(self, path, data, left):
        request = urllib.request.Request(self.url + path, data=data, headers=self.headers, method="POST")
        with Patience("the model"), self.opener.open(request, timeout=left) as response:
            value = json.loads(response.read())
        if not isinstance(value, dict):
            raise json.JSONDecodeError("no object", "", 0)
        return value


def final_of(error):
    """What an HTTP error means."""
    try:
        text = error.read(100_000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        text = ""
    try:
        message = json.loads(text)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = text.strip()[:500]
    is_context = error.code in (400, 413) and any(words in text.lower() for words in CONTEXT_WORDS)
    return Final("context-exceeded" if is_context else "model-error", f"{error.code}: {message}", error.code)

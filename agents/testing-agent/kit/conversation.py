"""A conversation with a model, the same for every wire form."""

from dataclasses import dataclass, field


@dataclass
class Said:
    """Words to the model."""

    text: str


@dataclass
class Call:
    """A tool that the model wants to be run; `arguments` is None where what it sent is no JSON object."""

    id: str
    name: str
    arguments: dict | None
    raw: str


@dataclass
class Answer:
    """What the model said; `content` is that in its own form, to be sent back unchanged (None: made from the rest)."""

    text: str = ""
    calls: list[Call] = field(default_factory=list)
    refused: bool = False
    cut_off: bool = False
    usage: dict = field(default_factory=dict)
    content: list | None = None


@dataclass
class Result:
    """What a tool gave."""

    call: str
    name: str
    text: str

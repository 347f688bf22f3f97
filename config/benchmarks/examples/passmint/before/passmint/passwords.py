"""Passwords by policy."""

import random
import string
from dataclasses import dataclass

LOOK_ALIKES = "Il1O0o"


class PolicyError(ValueError):
    """Raised for a policy that no password can meet."""


@dataclass(frozen=True)
class Policy:
    """What a password must hold: at least so many characters of each kind."""

    length: int = 16
    lower: int = 1
    upper: int = 1
    digits: int = 1
    symbols: int = 0
    clear: bool = False

    def groups(self):
        kinds = (
            (self.lower, string.ascii_lowercase),
            (self.upper, string.ascii_uppercase),
            (self.digits, string.digits),
            (self.symbols, "!#$%&*+-=?@_"),
        )
        for count, alphabet in kinds:
            if self.clear:
                alphabet = "".join(char for char in alphabet if char not in LOOK_ALIKES)
            if count:
                yield count, alphabet

    def alphabet(self):
        return "".join(alphabet for _, alphabet in self.groups())


def password(policy=Policy()):
    """Return a password that meets the policy, in random order."""
    required = sum(count for count, _ in policy.groups())
    if required == 0:
        raise PolicyError("a policy needs at least one kind of character")
    if required > policy.length:
        raise PolicyError(f"{required} required characters do not fit into {policy.length}")
    chars = []
    for count, alphabet in policy.groups():
        for _ in range(count):
            chars.append(random.choice(alphabet))
    alphabet = policy.alphabet()
    while len(chars) < policy.length:
        chars.append(random.choice(alphabet))
    random.shuffle(chars)
    return "".join(chars)

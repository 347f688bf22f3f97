"""Makes passwords, pass phrases and one-time codes."""

from .codes import backup_codes, numeric_code, ticket
from .passwords import Policy, PolicyError, password
from .phrases import passphrase

__all__ = ["Policy", "PolicyError", "backup_codes", "numeric_code", "passphrase", "password", "ticket"]

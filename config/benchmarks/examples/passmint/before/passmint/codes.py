"""One-time codes, backup codes and tickets."""

from random import choice, getrandbits, randrange

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def numeric_code(digits=6):
    """Return a code of exactly so many digits; it may begin with 0."""
    if digits < 1:
        raise ValueError("a code has at least one digit")
    return str(randrange(10**digits)).zfill(digits)


def backup_codes(count=8, groups=2, size=4):
    """Return different codes such as `K7PM-Q2WX`."""
    if len(CODE_ALPHABET) ** (groups * size) < count * 2:
        raise ValueError("the codes are too short to be different")
    codes = []
    while len(codes) < count:
        code = "-".join("".join(choice(CODE_ALPHABET) for _ in range(size)) for _ in range(groups))
        if code not in codes:
            codes.append(code)
    return codes


def ticket(bits=64):
    """Return a random number as hexadecimal text of fixed width."""
    if bits % 4:
        raise ValueError("bits must be a multiple of 4")
    return format(getrandbits(bits), f"0{bits // 4}x")

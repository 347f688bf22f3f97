import pytest

from passmint import backup_codes, numeric_code, ticket
from passmint.codes import CODE_ALPHABET


@pytest.mark.parametrize("digits", [1, 4, 6, 12])
def test_code_has_its_digits(digits):
    code = numeric_code(digits)
    assert len(code) == digits and code.isdigit()


def test_codes_may_begin_with_zero():
    assert any(numeric_code(2).startswith("0") for _ in range(500))


def test_every_digit_can_come():
    assert {numeric_code(1) for _ in range(500)} == set("0123456789")


def test_code_without_digits():
    with pytest.raises(ValueError):
        numeric_code(0)


def test_backup_codes_are_different():
    codes = backup_codes(50)
    assert len(set(codes)) == 50


def test_backup_code_has_its_groups():
    assert [len(group) for group in backup_codes(1, groups=3, size=5)[0].split("-")] == [5, 5, 5]


def test_backup_codes_use_their_alphabet():
    assert set("".join(backup_codes(100)).replace("-", "")) == set(CODE_ALPHABET)


def test_too_short_backup_codes():
    with pytest.raises(ValueError, match="too short"):
        backup_codes(20, groups=1, size=1)


@pytest.mark.parametrize("bits", [4, 64, 128])
def test_ticket_has_a_fixed_width(bits):
    text = ticket(bits)
    assert len(text) == bits // 4
    assert int(text, 16) < 2**bits


def test_tickets_differ():
    assert len({ticket() for _ in range(100)}) == 100


def test_odd_bits():
    with pytest.raises(ValueError, match="multiple of 4"):
        ticket(10)

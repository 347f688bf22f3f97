import string
from unittest import mock

import pytest

from passmint import Policy, PolicyError, password
from passmint.passwords import LOOK_ALIKES


def count(text, alphabet):
    return sum(char in alphabet for char in text)


def test_length_is_that_of_the_policy():
    assert len(password()) == 16
    assert len(password(Policy(length=40))) == 40


@pytest.mark.parametrize("number", [1, 3, 8])
def test_required_digits_are_there(number):
    assert count(password(Policy(digits=number)), string.digits) >= number


@pytest.mark.parametrize("number", [1, 5])
def test_required_symbols_are_there(number):
    assert count(password(Policy(symbols=number)), string.punctuation) >= number


def test_a_kind_that_is_not_asked_for_is_absent():
    text = password(Policy(length=200, upper=0, digits=0))
    assert text.islower() and text.isalpha()


def test_exactly_the_required_characters():
    text = password(Policy(length=4, lower=1, upper=1, digits=1, symbols=1))
    assert [count(text, kind) for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits)] == [1, 1, 1]


def test_clear_passwords_have_no_look_alikes():
    assert count(password(Policy(length=500, clear=True)), LOOK_ALIKES) == 0


def test_every_character_of_the_alphabet_can_come():
    policy = Policy(length=2000, lower=0, upper=0, digits=1)
    assert set(password(policy)) == set(string.digits)


def test_two_passwords_differ():
    assert password() != password()


def test_order_is_mixed():
    policy = Policy(length=4, lower=1, upper=1, digits=2)
    shapes = {tuple(char.isdigit() for char in password(policy)) for _ in range(200)}
    assert len(shapes) > 3


def test_too_many_requirements():
    with pytest.raises(PolicyError, match="do not fit"):
        password(Policy(length=2))


def test_no_requirement():
    with pytest.raises(PolicyError, match="at least one kind"):
        password(Policy(lower=0, upper=0, digits=0))


def test_policy_error_is_a_value_error():
    assert issubclass(PolicyError, ValueError)


def test_characters_are_drawn_by_choice():
    with mock.patch("passmint.passwords.random.choice", side_effect=lambda alphabet: alphabet[0]):
        with mock.patch("passmint.passwords.random.shuffle"):
            assert password(Policy(length=5)) == "aA0aa"


def test_result_is_shuffled():
    with mock.patch("passmint.passwords.random.shuffle") as shuffle:
        password()
    assert shuffle.call_count == 1

"""claim-provider-npi: check digits, and which code for whose number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.rules.claim.provider_npi import fault


def with_check_digit(nine: str) -> str:
    return next(npi for digit in range(10) if fault(npi := f"{nine}{digit}") is None)


@given(st.integers(min_value=100_000_000, max_value=299_999_999))
def test_one_check_digit_in_ten_fits(nine):
    assert [fault(f"{nine}{digit}") for digit in range(10)].count(None) == 1


@given(st.integers(min_value=100_000_000, max_value=299_999_999), st.integers(0, 9), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(nine, place, shift):
    right = with_check_digit(str(nine))
    wrong = f"{right[:place]}{(int(right[place]) + shift) % 10}{right[place + 1 :]}"
    assert fault(wrong) is not None


@given(st.text(max_size=12))
def test_any_text_gets_an_answer(text):
    assert fault(text) is None or "digit" in fault(text)


@pytest.mark.parametrize("npi", ["1234567893", "1245319599", "1003000126"])
def test_known_numbers_fit(npi):
    assert fault(npi) is None


@pytest.mark.parametrize("npi", ["", "123456789", "12345678930", "123456789X", "１２３４５６７８９３", " 1234567893"])
def test_what_is_not_ten_digits_is_told(npi):
    assert fault(npi) == "is not a number of ten digits"


def test_the_remark_tells_the_rendering_from_the_billing_provider(said):
    found = said("claim-provider-npi", provider="1234567890", lines=[{"code": "99213", "provider": "1234567891"}])
    assert [(item.expression, item.rarc) for item in found] == [
        (("Claim.provider",), ("N257",)),
        (("Claim.careTeam[0].provider",), ("N290",)),
    ]

"""Which reason codes may be given: those that X12 has not ended."""

from __future__ import annotations

import pytest

from fhir_cpt.claims import reason_codes


@pytest.mark.parametrize(
    ("kind", "code", "reason"),
    [
        ("carc", "29", None),
        ("carc", "308", None),
        ("carc", "B16", None),
        ("carc", "15", "has ended"),
        ("carc", "165", "has ended"),
        ("carc", "309", "there is no"),
        ("rarc", "N362", None),
        ("rarc", "MA01", None),
        ("rarc", "M144", None),
        ("rarc", "N14", "has ended"),
        ("rarc", "MA1", "there is no"),
        ("rarc", "N813", "there is no"),
    ],
)
def test_reason_codes_are_those_in_force_at_x12(kind: reason_codes.List, code: str, reason: str | None) -> None:
    found = reason_codes.fault(kind, code)
    assert (found is None) if reason is None else (found is not None and reason in found)

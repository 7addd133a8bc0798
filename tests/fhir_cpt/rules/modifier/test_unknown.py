"""Modifiers that no edition knows, and editions that are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.rules.modifier.not_in_force import EDIT as NOT_IN_FORCE
from fhir_cpt.rules.modifier.unknown import EDIT
from terminology import open_release
from terminology.release.build import build

from ..conftest import Check, checker

SAMPLE = Path(__file__).parents[4] / "fhir_cpt" / "sample"


@pytest.fixture(scope="module")
def without_hcpcs(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """A release of the fee schedule alone: it names codes, of CPT as far as it goes, and no HCPCS modifiers."""
    out = tmp_path_factory.mktemp("pfs")
    build([str(SAMPLE / "pfs")], out, experimental=True)
    return checker(open_release(out))


def test_a_modifier_of_a_system_that_is_not_held_is_not_called_unknown(without_hcpcs: Check) -> None:
    found = without_hcpcs(EDIT, lines=[{"code": "27447", "modifiers": ["LT", "22"]}])
    assert [(item.state, item.missing, item.expression[0]) for item in found] == [
        ("no-data", "procedure", "Claim.item[0].modifier[0]")
    ]
    assert "HCPCS" in found[0].text


def test_a_modifier_of_cpt_is_known_without_the_ama_s_file(without_hcpcs: Check) -> None:
    found = without_hcpcs(EDIT, lines=[{"code": "27447", "modifiers": ["2S"]}])
    assert [(item.state, item.severity) for item in found] == [("fail", "error")]


def test_where_the_edition_is_older_than_the_day_an_unknown_modifier_is_a_warning(check: Check) -> None:
    found = check(EDIT, date="2028-02-01", lines=[{"code": "99213", "modifiers": ["ZQ"]}])
    assert [(item.state, item.severity) for item in found] == [("fail", "warning")]


def test_a_modifier_is_known_whatever_system_its_coding_names(check: Check) -> None:
    claim = shorthand.claim({"lines": ["99213"]})
    for system in ("http://www.ama-assn.org/go/cpt", "http://example.org/modifiers", None):
        claim["item"][0]["modifier"] = [{"coding": [{"system": system, "code": "lt"} if system else {"code": "lt"}]}]
        assert check(EDIT, resource=claim) == []


def test_hl7_s_example_modifiers_are_none_of_ours(check: Check) -> None:
    claim = shorthand.claim({"lines": ["99213"]})
    system = "http://terminology.hl7.org/CodeSystem/modifiers"
    claim["item"][0]["modifier"] = [{"coding": [{"system": system, "code": "rooh"}]}]
    assert check(EDIT, resource=claim) == []


def test_a_modifier_that_is_unknown_twice_is_named_once(check: Check) -> None:
    found = check(EDIT, lines=[{"code": "99213", "modifiers": ["2S", "2S"]}])
    assert [item.expression for item in found] == [
        ("Claim.item[0].modifier[0]", "Claim.item[0].modifier[1]", "Claim.item[0].productOrService")
    ]


@pytest.mark.parametrize(
    ("code", "first"), [("33", "2011-01-01"), ("95", "2017-01-01"), ("96", "2018-01-01"), ("93", "2022-01-01")]
)
def test_modifiers_of_cpt_begin_on_their_day(check: Check, code: str, first: str) -> None:
    year, line = int(first[:4]), [{"code": "97110", "modifiers": [code]}]
    before: list[Any] = check(NOT_IN_FORCE, date=f"{year - 1}-12-31", lines=line)
    assert [item.evidence[1] for item in before] == [("start", first)]
    assert check(NOT_IN_FORCE, date=first, lines=line) == []

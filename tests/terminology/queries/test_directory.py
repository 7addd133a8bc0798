"""Where code systems and value sets are found: what a client brings along, and the release."""

from __future__ import annotations

import pytest

from terminology import Release
from terminology.errors import CodeSystemUnknown, EditionNotLoaded, ValueSetUnknown, VersionRefused
from terminology.memory import MemoryCodeSystem
from terminology.model import CPT, HCPCS, Coding, Concept
from terminology.queries.expand import Wanted, expand
from terminology.queries.membership import check_member
from terminology.valueset import Filter, Include, Listed, ValueSet
from terminology.versions import Rules

from ..invented import TREES, directory, trees

VS = "http://example.org/vs"
OLD, NEW = trees("1.0.0"), trees("1.10.0")
ONE = ValueSet(VS, version="1.0.0", include=(Include(TREES, codes=(Listed("oak"),)),))
TWO = ValueSet(VS, version="2.0.0", include=(Include(TREES, codes=(Listed("elm"),)),))
INDIRECT = ValueSet("http://example.org/indirect", include=(Include(value_sets=(VS,)),))


@pytest.mark.parametrize(
    ("wanted", "found"), [(None, "1.10.0"), ("1.0.0", "1.0.0"), ("1.x.x", "1.10.0"), ("1.0.x", "1.0.0")]
)
def test_the_newest_version_that_fits_is_found(sample_release: Release, wanted: str | None, found: str) -> None:
    assert directory(sample_release, OLD, NEW).code_system(TREES, wanted).version == found


@pytest.mark.parametrize("wanted", ["2.0.0", "2.x", "1"])
def test_a_version_that_is_not_held_is_told_with_those_that_are(sample_release: Release, wanted: str) -> None:
    with pytest.raises(EditionNotLoaded) as error:
        directory(sample_release, NEW, OLD).resolve(TREES, wanted)
    assert error.value.held == ("1.0.0", "1.10.0")
    with pytest.raises(CodeSystemUnknown):
        directory(sample_release).resolve(TREES, wanted)


def test_what_a_client_brings_comes_before_the_release_unless_it_is_a_stub(sample_release: Release) -> None:
    own = MemoryCodeSystem(CPT, [Concept("99213", "Own text")], version="9")
    assert directory(sample_release, own).code_system(CPT, None) is own
    stub = MemoryCodeSystem(CPT, [], version="9", content="not-present")
    assert directory(sample_release, stub).code_system(CPT, None).version == "2026"
    assert directory(sample_release, own).code_system(CPT, "2026").version == "2026"


@pytest.mark.parametrize(
    ("rules", "reference", "codes"),
    [
        (Rules(), VS, ["elm"]),
        (Rules(), f"{VS}|1.0.0", ["oak"]),
        (Rules(), f"{VS}|1.x", ["oak"]),
        (Rules(value_sets={VS: "1.0.0"}), VS, ["oak"]),
        (Rules(value_sets={VS: "1.0.0"}), f"{VS}|2.0.0", ["elm"]),
    ],
)
def test_a_value_set_is_found_in_the_version_wanted(
    sample_release: Release, rules: Rules, reference: str, codes: list[str]
) -> None:
    where = directory(sample_release, OLD, value_sets=(TWO, ONE), rules=rules)
    found = expand(where, where.value_set(reference), Wanted())
    assert [item.concept.code for item in found.items] == codes
    indirect = expand(where, INDIRECT, Wanted())
    assert list(indirect.used.value_sets) == [f"{VS}|{rules.value_sets.get(VS, '2.0.0')}"]


def test_an_import_that_is_not_held_is_told_with_its_version(sample_release: Release) -> None:
    where = directory(sample_release, OLD, value_sets=(ONE,), rules=Rules(value_sets={VS: "3.0.0"}))
    with pytest.raises(ValueSetUnknown) as error:
        expand(where, INDIRECT, Wanted())
    assert error.value.issue is not None
    assert error.value.issue.id == "VS_EXP_IMPORT_UNK_PINNED"


def test_a_value_set_may_name_a_code_system_of_the_release_by_another_of_its_uris(sample_release: Release) -> None:
    alias = "urn:oid:2.16.840.1.113883.6.285"
    value_set = ValueSet(VS, include=(Include(alias, codes=(Listed("A0425"),)),))
    where = directory(sample_release)
    assert [item.concept.code for item in expand(where, value_set, Wanted()).items] == ["A0425"]
    for system in (alias, HCPCS):
        assert check_member(where, Coding(system, "A0425"), None, value_set).member


def test_an_expansion_from_a_version_that_the_request_forbids_is_refused(sample_release: Release) -> None:
    where = directory(sample_release, OLD, NEW, rules=Rules(checked={TREES: "1.0.x"}))
    with pytest.raises(VersionRefused, match=r"1\.0\.x"):
        expand(where, ValueSet(VS, include=(Include(TREES, "1.10.0"),)), Wanted())
    allowed = expand(where, ValueSet(VS, include=(Include(TREES),)), Wanted())
    assert allowed.used.parameters == {"check-system-version": f"{TREES}|1.0.x"}


def test_concepts_of_an_expansion_stand_below_their_parents_where_these_are_listed(sample_release: Release) -> None:
    where = directory(sample_release, OLD)
    tall = ValueSet(VS, include=(Include(TREES, filters=(Filter("concept", "is-a", "conifer"),)),))
    (top,) = expand(where, tall, Wanted()).items
    assert (top.concept.code, [item.concept.code for item in top.below]) == ("conifer", ["pine", "larch"])
    active = expand(where, ValueSet(VS, include=(Include(TREES),), inactive=False), Wanted())
    assert active.total == 6
    listed = ValueSet(VS, include=(Include(TREES, codes=(Listed("conifer"), Listed("pine"))),))
    assert [item.concept.code for item in expand(where, listed, Wanted()).items] == ["conifer", "pine"]

"""Whether codes are in value sets: versions, standing, inactive and abstract concepts, several codings."""

from __future__ import annotations

import msgspec
import pytest

from terminology import Release
from terminology.errors import SupplementMissing
from terminology.languages import parse
from terminology.model import Coding
from terminology.queries.codings import check_concept_members
from terminology.queries.infer import infer_system
from terminology.queries.membership import check_member
from terminology.queries.validate import PLAIN, Checked, Request, check
from terminology.standing import Standing
from terminology.valueset import Filter, Include, Listed, ValueSet
from terminology.versions import Rules

from ..invented import TREES, concept, directory, german, trees

VS = "http://example.org/vs"
ALL = ValueSet(VS, version="1", include=(Include(TREES),))
OLD, NEW = trees("1.0.0"), trees("1.2.0", [concept("palm", "Palm tree", "tree")])


def ids(found: Checked) -> list[str]:
    return [issue.id for issue in found.issues]


def ask(
    release: Release,
    code: str,
    value_set: ValueSet = ALL,
    version: str | None = None,
    request: Request = PLAIN,
    display: str | None = None,
    rules: Rules | None = None,
) -> Checked:
    where = directory(release, OLD, NEW, rules=rules or Rules())
    return check_member(where, Coding(TREES, code, display), version, value_set, request)


@pytest.mark.parametrize(
    ("included", "given", "rules", "result", "used", "named"),
    [
        (None, None, {}, True, "1.2.0", []),
        (None, "1.0.0", {}, True, "1.0.0", []),
        ("1.0.0", None, {}, True, "1.0.0", []),
        ("1.x.x", None, {}, True, "1.2.0", []),
        ("1.x.x", "1.0.0", {}, True, "1.0.0", []),
        ("1.2.0", "1.0.0", {}, False, "1.2.0", ["VALUESET_VALUE_MISMATCH"]),
        ("1.0.0", "9", {}, False, "1.0.0", ["VALUESET_VALUE_MISMATCH", "UNKNOWN_CODESYSTEM_VERSION"]),
        (None, "9", {}, False, "1.2.0", ["VALUESET_VALUE_MISMATCH_DEFAULT", "UNKNOWN_CODESYSTEM_VERSION"]),
        ("1", None, {}, False, "1.2.0", ["UNKNOWN_CODESYSTEM_VERSION"]),
        (None, None, {"default": {TREES: "1.0.0"}}, True, "1.0.0", []),
        (None, None, {"checked": {TREES: "1.0.x"}}, True, "1.0.0", []),
        ("1.2.0", None, {"checked": {TREES: "1.0.x"}}, False, "1.2.0", ["VALUESET_VERSION_CHECK"]),
        ("1.2.0", "1.0.0", {"forced": {TREES: "1.0.x"}}, True, "1.0.0", []),
        (
            "1.2.0",
            "1.2.0",
            {"forced": {TREES: "1.0.x"}},
            False,
            "1.0.0",
            ["VALUESET_VALUE_MISMATCH_CHANGED"],
        ),
    ],
)
def test_the_version_is_that_of_the_include_as_the_rules_of_the_request_make_it(
    sample_release: Release,
    included: str | None,
    given: str | None,
    rules: dict[str, dict[str, str]],
    result: bool,
    used: str,
    named: list[str],
) -> None:
    value_set = ValueSet(VS, include=(Include(TREES, included),))
    found = ask(sample_release, "oak", value_set, given, rules=Rules(**rules))
    assert (found.result, found.version, ids(found)) == (result, used, named)


def test_a_display_that_is_right_in_an_older_version_chooses_that_version(sample_release: Release) -> None:
    renamed = trees("1.0.0", [concept("palm", "Palm")])
    where = directory(sample_release, renamed, NEW)
    both = ValueSet(VS, include=(Include(TREES, "1.0.0"), Include(TREES, "1.2.0")))
    for display, version in ((None, "1.2.0"), ("Palm tree", "1.2.0"), ("Palm", "1.0.0"), ("Oak", "1.2.0")):
        assert check_member(where, Coding(TREES, "palm", display), None, both).version == version


@pytest.mark.parametrize(
    ("code", "change", "result", "named"),
    [
        ("elm", {}, True, ["INACTIVE_CONCEPT_FOUND"]),
        ("elm", {"active_only": True}, False, ["STATUS_CODE_WARNING_CODE", "None_of", "INACTIVE_CONCEPT_FOUND"]),
        ("larch", {}, True, ["DEPRECATED_CONCEPT_FOUND"]),
        ("tree", {}, True, []),
        ("tree", {"abstract": True}, True, []),
        ("tree", {"abstract": False}, False, ["None_of", "ABSTRACT_CODE_NOT_ALLOWED"]),
        ("palmetto", {}, False, ["None_of", "Unknown_Code_in_Version"]),
        ("palmetto", {"membership_only": True}, False, ["None_of"]),
    ],
)
def test_the_standing_of_the_concept_is_told(
    sample_release: Release, code: str, change: dict[str, bool], result: bool, named: list[str]
) -> None:
    found = ask(sample_release, code, request=msgspec.structs.replace(PLAIN, **change))
    assert found.result is result
    assert [one.removesuffix("_the_provided_codes_are_in_the_value_set_one") for one in ids(found)] == named


def test_a_value_set_that_wants_active_concepts_holds_no_inactive_one(sample_release: Release) -> None:
    active = msgspec.structs.replace(ALL, inactive=False)
    found = ask(sample_release, "elm", active)
    assert (found.result, found.member, found.inactive, found.status) == (False, False, True, "retired")


def test_a_code_of_a_fragment_may_be_right_unless_the_value_set_narrows_it(sample_release: Release) -> None:
    where = directory(sample_release, trees(content="fragment"))
    whole = check_member(where, Coding(TREES, "baobab"), None, ALL)
    assert (whole.result, ids(whole)) == (True, ["UNKNOWN_CODE_IN_FRAGMENT"])
    part = ValueSet(VS, include=(Include(TREES, filters=(Filter("leaf", "exists", "true"),)),))
    assert check_member(where, Coding(TREES, "baobab"), None, part).result is False


def test_a_code_system_that_is_not_held_is_named_by_who_needs_it(sample_release: Release) -> None:
    unknown = "http://example.org/unknown"
    needed = ask(sample_release, "oak", ValueSet(VS, include=(Include(TREES, "7"),)))
    assert (needed.result, needed.caused_by, needed.unknown) == (False, (f"{TREES}|7",), ())
    where = directory(sample_release, OLD)
    given = check_member(where, Coding(unknown, "oak"), None, ALL)
    assert (given.result, given.caused_by, given.unknown) == (False, (), (unknown,))
    relative = check_member(where, Coding("trees", "oak"), None, ALL)
    assert "Terminology_TX_System_Relative" in ids(relative)
    as_set = check_member(directory(sample_release, OLD, value_sets=(ALL,)), Coding(VS, "oak"), None, ALL)
    assert "Terminology_TX_System_ValueSet2" in ids(as_set)
    missing = check_member(where, Coding("", "oak"), None, ALL)
    assert "Coding_has_no_system__cannot_validate" in ids(missing)


def test_a_supplement_is_no_code_system(sample_release: Release) -> None:
    where = directory(sample_release, OLD, german())
    found = check(where, Coding("http://example.org/trees-german", "oak"))
    assert (found.result, ids(found)) == (False, ["CODESYSTEM_CS_NO_SUPPLEMENT"])


def test_a_supplement_that_the_value_set_requires_gives_its_texts(sample_release: Release) -> None:
    where = directory(sample_release, OLD, german())
    wanted = msgspec.structs.replace(ALL, supplements=("http://example.org/trees-german",))
    request = Request(languages=parse("de"))
    found = check_member(where, Coding(TREES, "oak", "Eiche"), None, wanted, request)
    assert (found.result, found.display) == (True, "Eiche")
    outdated = check_member(where, Coding(TREES, "oak", "Eichbaum"), None, wanted, request)
    assert ids(outdated) == ["INACTIVE_DISPLAY_FOUND"]
    with pytest.raises(SupplementMissing, match="nowhere"):
        check_member(where, Coding(TREES, "oak"), None, msgspec.structs.replace(ALL, supplements=("http://nowhere",)))


@pytest.mark.parametrize(
    ("standing", "own", "named"),
    [
        (Standing(standards="withdrawn"), Standing(), ["MSG_WITHDRAWN"]),
        (Standing("retired"), Standing(), ["MSG_RETIRED"]),
        (Standing("draft"), Standing(), ["MSG_DRAFT"]),
        (Standing("draft"), Standing("draft"), []),
        (Standing(experimental=True), Standing(), ["MSG_EXPERIMENTAL"]),
        (Standing(experimental=True), Standing(experimental=True), []),
    ],
)
def test_the_standing_of_the_code_system_is_told_to_users_in_a_better_one(
    sample_release: Release, standing: Standing, own: Standing, named: list[str]
) -> None:
    where = directory(sample_release, trees(standing=standing))
    value_set = msgspec.structs.replace(ALL, standing=own)
    assert ids(check_member(where, Coding(TREES, "oak"), None, value_set)) == named


def test_a_concept_is_right_where_one_coding_is_in_the_value_set(sample_release: Release) -> None:
    where = directory(sample_release, OLD)
    oak_alone = ValueSet(VS, include=(Include(TREES, codes=(Listed("oak"),)),))
    codings = [Coding(TREES, "pine"), Coding(TREES, "oak")]
    found = check_concept_members(where, codings, [None, None], oak_alone)
    assert (found.result, found.code) == (True, "oak")
    assert [(one.severity, one.path) for one in found.issues] == [("information", "CodeableConcept.coding[0].code")]
    none = check_concept_members(where, codings[:1], [None], oak_alone)
    assert (none.result, none.code) == (False, None)
    assert "TX_GENERAL_CC_ERROR_MESSAGE" in ids(none)


def test_a_system_is_inferred_where_one_alone_has_the_code(sample_release: Release) -> None:
    where = directory(sample_release, OLD)
    assert infer_system(where, "oak", ALL, PLAIN) == TREES
    found = infer_system(where, "palmetto", ALL, PLAIN)
    assert isinstance(found, Checked)
    assert "UNABLE_TO_INFER_CODESYSTEM" in ids(found)

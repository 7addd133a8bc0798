"""Which text of a concept is shown, and whether a given one is right."""

from __future__ import annotations

import pytest

from terminology.languages import parse
from terminology.memory import MemoryCodeSystem
from terminology.model import Coding, Concept, Designation, Extension
from terminology.queries.displays import check_display, preferred, texts
from terminology.standing import STANDARDS_STATUS
from terminology.valueset import Listed

OLD = (Extension(STANDARDS_STATUS, "withdrawn", "code"),)
SYNONYM = Coding("http://example.org/uses", "synonym")
CONCEPT = Concept(
    "oak",
    "Oak",
    designations=(
        Designation("Eiche", "de"),
        Designation("Eich", "de-CH"),
        Designation("Oak tree", "en", SYNONYM),
        Designation("Ook", "en", None, OLD),
    ),
)
ENGLISH = MemoryCodeSystem("http://example.org/trees", [CONCEPT], language="en")
UNSAID = MemoryCodeSystem("http://example.org/trees", [Concept("oak", "Oak")])


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (None, "Oak"),
        ("de", "Eiche"),
        ("de-CH", "Eich"),
        ("de-AT", "Eiche"),
        ("fr,de;q=0.5", "Eiche"),
        ("fr", "Oak"),
        ("fr,*;q=0", None),
        ("*", "Oak"),
        ("en", "Oak"),
    ],
)
def test_the_text_in_the_best_language_is_shown(wanted: str | None, shown: str | None) -> None:
    found = preferred(list(texts(CONCEPT, ENGLISH)), parse(wanted) if wanted else None)
    assert (found and found.value) == shown


def test_a_text_of_no_stated_language_will_do_where_no_other_language_may() -> None:
    found = preferred(list(texts(UNSAID.concept(0), UNSAID)), parse("de,*;q=0"))
    assert found is not None
    assert found.value == "Oak"


def test_what_the_value_set_calls_it_comes_first_and_the_code_systems_text_is_right_too() -> None:
    found = list(texts(CONCEPT, ENGLISH, Listed("oak", "Our oak")))
    assert [text.value for text in found[:2]] == ["Our oak", "Oak"]
    assert check_display("Our oak", "s#oak", found, None, "display", lenient=False) is None
    assert check_display("Oak", "s#oak", found, None, "display", lenient=False) is None


@pytest.mark.parametrize(
    ("given", "wanted", "severity", "kind"),
    [
        ("Oak", None, None, None),
        ("OAK", None, None, None),
        ("Oak tree", None, None, None),
        ("Eiche", None, None, None),
        ("Eiche", "de", None, None),
        ("Eiche", "en", "error", "Display_Name_for__should_be_one_of__instead_of"),
        ("Oak  tree", None, "error", "Display_Name_WS_for__should_be_one_of__instead_of"),
        ("Elm", None, "error", "Display_Name_for__should_be_one_of__instead_of"),
        ("Ook", None, "warning", "INACTIVE_DISPLAY_FOUND"),
        ("Oak", "fr", "information", "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK"),
        ("Elm", "fr", "error", "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR"),
        ("Oak", "fr,*", None, None),
    ],
)
def test_a_display_is_right_where_it_is_a_text_in_the_languages_wanted(
    given: str, wanted: str | None, severity: str | None, kind: str | None
) -> None:
    languages = parse(wanted) if wanted else None
    found = check_display(given, "s#oak", list(texts(CONCEPT, ENGLISH)), languages, "display", lenient=False)
    assert (found and found.severity, found and found.id) == (severity, kind)


def test_a_lenient_check_makes_a_wrong_display_a_warning() -> None:
    found = check_display("Elm", "s#oak", list(texts(CONCEPT, ENGLISH)), None, "display", lenient=True)
    assert found is not None
    assert found.severity == "warning"
    assert "one of 3 choices: 'Oak' (en) or 'Eiche' (de) or 'Eich' (de-CH)" in found.text
    assert "(for the language(s) '--')" in found.text


def test_without_any_text_there_is_nothing_to_compare_with() -> None:
    assert check_display("Anything", "s#x", [], None, "display", lenient=False) is None

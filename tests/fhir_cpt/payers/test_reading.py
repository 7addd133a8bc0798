"""A pack's file is read whole or refused with the place and reason of every fault; no text of it can do harm."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.schemas import pack_schema
from fhir_cpt.payers.checking import check
from fhir_cpt.payers.faults import Fault, Mark, PacksRefused
from fhir_cpt.payers.reading import MOST_VALUES, read
from fhir_cpt.payers.yaml_nodes import MOST_BYTES, MOST_NESTED

FOLDER = Path(__file__).parents[3] / "fhir_cpt" / "payers"
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text("utf-8"))
BUILT_IN = sorted((FOLDER / "built_in").glob("*.yaml"))


def faults(text: bytes) -> list[str]:
    """Every fault of a text, as line:column: reason."""
    try:
        found = list(check(read(text, "x.yaml")))
    except PacksRefused as refused:
        found = list(refused.faults)
    return [str(fault).removeprefix("x.yaml:") for fault in found]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_bad_pack_is_refused_with_all_its_faults(case: dict[str, Any]) -> None:
    found = faults(case["text"].encode())
    for wanted in case["faults"]:
        assert any(one.startswith(wanted) for one in found), (wanted, found)
    assert len(found) == len(case["faults"]), found


@pytest.mark.parametrize("file", BUILT_IN, ids=lambda file: file.stem)
def test_a_built_in_pack_has_no_fault(file: Path) -> None:
    assert faults(file.read_bytes()) == []
    assert file.read_text("utf-8").startswith("# yaml-language-server: $schema=../pack.schema.json\n")


def test_codes_keep_their_zeros_and_words_stay_words() -> None:
    text = b"id: on\ntitle: 1.0\npayers: [00100, yes, 1_000]\nedits: {ncci-ptp: off, em: on}\nstart: '2026-01-01'"
    pack = read(text, "x").pack
    assert (pack.id, pack.title, pack.payers) == ("on", "1.0", ("00100", "yes", "1_000"))
    assert pack.edits == {"ncci-ptp": "off", "em": "on"}


def test_what_is_null_is_left_out_of_a_claim_and_what_is_missing_gets_an_ordinary_value() -> None:
    rule = {
        "id": "payer-a",
        "title": "t",
        "citation": "c",
        "require": {"not-covered": True},
        "examples": [{"name": "a", "claim": {"lines": [{"code": None}], "place": None}, "expect": "pass"}],
    }
    text = yaml.safe_dump({"id": "a", "title": "A", "rules": [rule]}).encode()
    claim = read(text, "x").pack.rules[0].examples[0].claim
    assert claim.place is None
    assert claim.lines[0].code is None  # type: ignore[union-attr]


def test_anchors_may_repeat_a_list() -> None:
    text = b"id: a\ntitle: A\npayers: &p [X, Y]\nedits: {}\nsource: s"
    assert read(text, "x").pack.payers == ("X", "Y")
    text = b"id: a\ntitle: A\nrules:\n- {id: payer-a, title: &t t, citation: *t, require: {not-covered: true}}\n"
    assert read(text, "x").pack.rules[0].citation == "t"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"#" * (MOST_BYTES + 1), "larger than"),
        (b"[" * (MOST_NESTED + 1), "nested more than"),
        (b"{a: " * 100_000, "nested more than"),
        (b"a: \xff\xfe", "not UTF-8"),
        (b"a: \x07", "a character that may not stand in it"),
        (
            b"id: a\ntitle: A\nrules:\n- id: payer-a\n  title: t\n  citation: c\n  require: {not-covered: true}\n"
            b"  examples:\n  - name: n\n    expect: pass\n    claim:\n      lines: ['99213']\n      info:\n"
            b"      - a: &a [1,1,1,1,1,1,1,1,1,1]\n        b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
            b"        c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n        d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
            b"        e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
            f"more than {MOST_VALUES} values",
        ),
        (
            b"id: a\ntitle: A\nrules:\n- id: payer-a\n  title: t\n  citation: c\n  require: {not-covered: true}\n"
            b"  examples:\n  - {name: n, expect: pass, claim: {lines: ['99213'], info: [{a: &a [*a]}]}}\n",
            "within itself",
        ),
    ],
)
def test_what_would_take_all_memory_is_refused(text: bytes, reason: str) -> None:
    (found,) = faults(text)
    assert reason in found


SEED = (FOLDER / "built_in" / "example-health.yaml").read_text("utf-8")
PIECES = [
    "{",
    "}",
    "[",
    "]",
    ":",
    "-",
    "\n",
    "  ",
    "&a",
    "*a",
    "!!int",
    "'",
    '"',
    "|",
    "#",
    "null",
    "1e9",
    "\t",
    "é",
    "---",
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_any_text_gives_a_pack_or_a_refusal_with_a_place(data: st.DataObject) -> None:
    lines = SEED.splitlines(keepends=True)
    start = data.draw(st.integers(0, len(lines) - 1))
    text = "".join(lines[:12] + lines[start : start + data.draw(st.integers(1, 60))])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(PIECES) | st.text(max_size=4)) + text[at + cut :]
    content = text.encode("utf-8", "surrogatepass")
    try:
        found = list(check(read(content, "x.yaml")))
    except PacksRefused as refused:
        found = list(refused.faults) or [Fault("no reason", Mark(0, 0), "")]
    for fault in found:
        assert 1 <= fault.mark.line <= content.count(b"\n") + 2
        assert fault.mark.column >= 1
        assert fault.reason


def test_the_schema_for_editors_is_that_of_the_types() -> None:
    assert orjson.loads((FOLDER / "pack.schema.json").read_bytes()) == orjson.loads(orjson.dumps(pack_schema()))


class Core(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `off` is a word, and a day is a text."""


_RESOLVED = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in _RESOLVED]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver(_RESOLVED[0], re.compile("true|false"), ["t", "f"])


@pytest.mark.parametrize("file", BUILT_IN, ids=lambda file: file.stem)
def test_editors_find_no_fault_with_the_built_in_packs(file: Path) -> None:
    schema = orjson.loads((FOLDER / "pack.schema.json").read_bytes())
    written = yaml.load(file.read_text("utf-8"), Core)
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(written)] == []
    assert not jsonschema_rs.Draft202012Validator(schema).is_valid({**written, "payer": "X"})

"""What is taken from an upstream, how it is signed, for how long it is kept, and what is said where nothing came."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from fhir_cpt.upstream.question import Question
from fhir_cpt.upstream.reply import DAY, MINUTES, SECONDS, Failure, Reply, checked, unanswered
from fhir_cpt.wire.http import Answer

UPSTREAM = "https://tx.example/r4"
FHIR = "application/fhir+json"
Json = dict[str, Any]


def asked(operation: str, *, pinned: bool = False, version: Any = "r4") -> Question:
    kind = "ValueSet" if operation == "expand" else "CodeSystem"
    return Question(version, kind, operation, "http://snomed.info/sct", b"{}", pinned)


def take(operation: str, resource: Any, status: int = 200, content_type: str = FHIR, **about: Any) -> Reply:
    body = resource if isinstance(resource, bytes) else orjson.dumps(resource)
    return checked(asked(operation, **about), UPSTREAM, status, content_type, body)


def parameters(**values: Any) -> Json:
    items = [{"name": name.replace("_", "-"), "valueString": value} for name, value in values.items()]
    return {"resourceType": "Parameters", "parameter": items}


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
EXPANSION = {"resourceType": "ValueSet", "status": "active", "expansion": {"contains": [{"code": "1"}]}}
SIGNATURE = {"name": "x-answered-by", "valueUri": UPSTREAM}


def test_parameters_are_signed_with_one_more() -> None:
    found = take("lookup", parameters(display="A"))
    assert orjson.loads(found.content)["parameter"] == [{"name": "display", "valueString": "A"}, SIGNATURE]


def test_an_expansion_is_signed_among_its_parameters() -> None:
    resource = orjson.loads(take("expand", EXPANSION).content)
    assert resource["expansion"] == {"contains": [{"code": "1"}], "parameter": [SIGNATURE]}


def test_an_outcome_is_signed_with_an_issue_and_keeps_its_status() -> None:
    found = take("lookup", OUTCOME, 404)
    issues = orjson.loads(found.content)["issue"]
    assert found.status == 404
    assert issues[0] == {"severity": "error", "code": "not-found"}
    assert UPSTREAM in issues[1]["details"]["text"]


@pytest.mark.parametrize(
    ("operation", "resource", "status", "pinned", "seconds", "conclusive"),
    [
        ("lookup", parameters(display="A", version="2024-09"), 200, False, DAY, True),
        ("lookup", parameters(display="A"), 200, False, MINUTES, True),
        ("lookup", parameters(display="A"), 200, True, DAY, True),
        ("subsumes", parameters(outcome="subsumes"), 200, False, MINUTES, True),
        ("validate-code", parameters(result="r", x_caused_by_unknown_system="x"), 200, True, SECONDS, False),
        ("validate-code", parameters(result="r", version="1"), 200, False, DAY, True),
        ("lookup", OUTCOME, 404, True, SECONDS, False),
        ("expand", EXPANSION, 200, False, MINUTES, True),
        (
            "expand",
            {
                "resourceType": "ValueSet",
                "expansion": {"parameter": [{"name": "used-codesystem", "valueUri": "http://loinc.org|2.78"}]},
            },
            200,
            False,
            DAY,
            True,
        ),
        (
            "expand",
            {"resourceType": "ValueSet", "expansion": {"parameter": [{"name": "version", "valueUri": "http://a.b"}]}},
            200,
            False,
            MINUTES,
            True,
        ),
    ],
)
def test_an_answer_is_kept_for_as_long_as_its_version_allows(
    operation: str, resource: Json, status: int, pinned: bool, seconds: int, conclusive: bool
) -> None:
    found = take(operation, resource, status, pinned=pinned)
    assert (found.seconds, found.conclusive) == (seconds, conclusive)


DEEP = b'{"resourceType": "Parameters", "parameter": [{"name": "display", "part": %s}]}' % (b"[" * 300 + b"]" * 300)


@pytest.mark.parametrize(
    ("operation", "resource", "status", "text"),
    [
        ("lookup", b"<html>", 200, "JSON"),
        ("lookup", b"", 200, "JSON"),
        ("lookup", b"[]", 200, "Parameters"),
        ("lookup", {}, 200, "Parameters"),
        ("lookup", OUTCOME, 200, "Parameters"),
        ("lookup", parameters(display="A"), 404, "OperationOutcome"),
        ("lookup", OUTCOME, 401, "401"),
        ("lookup", OUTCOME, 302, "302"),
        ("expand", parameters(display="A"), 200, "ValueSet"),
        ("expand", {"resourceType": "ValueSet"}, 200, "no expansion"),
        ("expand", {"resourceType": "ValueSet", "expansion": {"parameter": {}}}, 200, "parameter"),
        ("lookup", {"resourceType": "Parameters", "parameter": "x"}, 200, "parameter"),
        ("lookup", {"resourceType": "Parameters", "parameter": ["x"]}, 200, "parameter"),
        ("lookup", {"resourceType": "OperationOutcome", "issue": None}, 404, "issue"),
        ("validate-code", parameters(message="A"), 200, "result"),
        ("subsumes", parameters(message="A"), 200, "outcome"),
        ("lookup", DEEP, 200, "deep"),
    ],
)
def test_what_is_no_answer_is_refused_and_named(operation: str, resource: Any, status: int, text: str) -> None:
    with pytest.raises(Failure, match=text):
        take(operation, resource, status)


@pytest.mark.parametrize(
    ("version", "content_type", "taken"),
    [
        ("r4", f"{FHIR}; fhirVersion=4.0", True),
        ("r4", f"{FHIR};charset=utf-8;fhirVersion=4.0.1", True),
        ("r4", "application/json", True),
        ("r4", "", True),
        ("r5", f'{FHIR}; FhirVersion="5.0"', True),
        ("r4", f"{FHIR}; fhirVersion=5.0", False),
        ("r5", f"{FHIR}; fhirVersion=4.0", False),
    ],
)
def test_an_answer_in_another_version_of_fhir_is_refused(version: str, content_type: str, taken: bool) -> None:
    if taken:
        assert take("lookup", parameters(display="A"), content_type=content_type, version=version).conclusive
    else:
        with pytest.raises(Failure, match="speaks FHIR"):
            take("lookup", parameters(display="A"), content_type=content_type, version=version)


FAILURES = [(UPSTREAM, Failure("timeout", "did not answer within 3.0 seconds"))]


def test_the_answer_from_here_says_which_upstream_failed_and_how() -> None:
    issue = {
        "severity": "warning",
        "code": "timeout",
        "details": {"text": f"{UPSTREAM} did not answer within 3.0 seconds"},
    }
    told = {"name": "issues", "resource": OUTCOME}
    bare: Json = {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": False}]}
    with_issues = {**bare, "parameter": [*bare["parameter"], told]}

    outcome = unanswered(Answer(orjson.dumps(OUTCOME), 404), FAILURES)
    assert outcome.status == 404
    assert orjson.loads(outcome.body)["issue"] == [*OUTCOME["issue"], issue]
    added = orjson.loads(unanswered(Answer(bare), FAILURES).body)["parameter"][-1]
    assert added == {"name": "issues", "resource": {"resourceType": "OperationOutcome", "issue": [issue]}}
    joined = orjson.loads(unanswered(Answer(with_issues), FAILURES).body)["parameter"][-1]
    assert joined["resource"]["issue"] == [*OUTCOME["issue"], issue]

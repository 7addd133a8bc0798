"""Settings from the environment and from keyword arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fhir_cpt.settings import Settings, from_environment

SALT = "sixteen or more characters"
RELEASE = {"FHIR_CPT_RELEASE": "some/folder"}


def test_the_release_is_all_that_must_be_given() -> None:
    found = from_environment(RELEASE)
    assert found == Settings(release=Path("some/folder"))
    assert (found.max_body, found.max_batch, found.cors, found.today) == (16 << 20, 1000, (), None)


def test_every_setting_can_come_from_the_environment() -> None:
    found = from_environment(
        {
            **RELEASE,
            "FHIR_CPT_MAX_BODY": "1000",
            "FHIR_CPT_MAX_BATCH": "7",
            "FHIR_CPT_CORS": "https://a.example, https://b.example,",
            "FHIR_CPT_POLL": "0.5",
            "FHIR_CPT_TODAY": "20261015",
            "FHIR_CPT_UPSTREAM": "https://tx.example/r4, r5:http://loinc.org=https://tx.example/r5",
            "FHIR_CPT_UPSTREAM_TIMEOUT": "1.5",
            "FHIR_CPT_UPSTREAM_RETRIES": "0",
            "FHIR_CPT_UPSTREAM_DEADLINE": "4",
            "FHIR_CPT_UPSTREAM_MAX_BODY": "5",
            "FHIR_CPT_UPSTREAM_CACHE": "0",
            "FHIR_CPT_REDIS": "redis://localhost/1",
            "FHIR_CPT_HISTORY": "history.db",
            "FHIR_CPT_HISTORY_SALT": SALT,
            "FHIR_CPT_HISTORY_DAYS": "400",
            "FHIR_CPT_HISTORY_NAMESPACE": "https://ehr.example/fhir",
            "HOME": "not ours",
        }
    )
    assert found == Settings(
        release=Path("some/folder"),
        max_body=1000,
        max_batch=7,
        cors=("https://a.example", "https://b.example"),
        poll=0.5,
        today=20261015,
        upstream=("https://tx.example/r4", "r5:http://loinc.org=https://tx.example/r5"),
        upstream_timeout=1.5,
        upstream_retries=0,
        upstream_deadline=4.0,
        upstream_max_body=5,
        upstream_cache=0,
        redis="redis://localhost/1",
        history="history.db",
        history_salt=SALT,
        history_days=400,
        history_namespace="https://ehr.example/fhir",
    )


def test_without_a_release_the_variable_and_the_command_are_named() -> None:
    with pytest.raises(ValueError, match=r"FHIR_CPT_RELEASE.*fhir-cpt build"):
        from_environment({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_BODY", "16 MB"),
        ("MAX_BATCH", ""),
        ("POLL", "often"),
        ("TODAY", "soon"),
        ("MAX_BODY", "1.5"),
        ("UPSTREAM_RETRIES", "x"),
    ],
)
def test_a_value_of_the_wrong_type_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"FHIR_CPT_{name}"):
        from_environment({**RELEASE, f"FHIR_CPT_{name}": value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_body", 0),
        ("max_body", -1),
        ("max_batch", 0),
        ("poll", -1.0),
        ("poll", float("nan")),
        ("today", 20261301),
        ("today", 20260230),
        ("today", 7),
        ("upstream", ("tx.example/r4",)),
        ("upstream_timeout", 0.0),
        ("upstream_timeout", float("nan")),
        ("upstream_deadline", float("inf")),
        ("upstream_retries", -1),
        ("upstream_max_body", 0),
        ("upstream_cache", -1),
        ("redis", "localhost:6379"),
        ("history", "https://history.example"),
        ("history_days", 0),
        ("history_days", 1_000_000),
        ("history_namespace", "ehr.example"),
    ],
)
def test_a_value_that_cannot_be_names_its_setting(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"FHIR_CPT_{name.upper()}"):
        Settings(release=Path(), **{name: value})


def test_the_first_and_the_last_day_that_there_is_may_be_today() -> None:
    assert Settings(release=Path(), today=10101).today == 10101
    assert Settings(release=Path(), today=99991231).today == 99991231


@pytest.mark.parametrize("salt", [None, "", "fifteen letters"])
def test_a_history_needs_a_salt_of_sixteen_characters_which_is_not_repeated(salt: str | None) -> None:
    with pytest.raises(ValueError, match="FHIR_CPT_HISTORY_SALT") as refused:
        Settings(release=Path(), history="history.db", history_salt=salt)
    assert "fifteen" not in str(refused.value)


@pytest.mark.parametrize("history", [None, "", "none"])
def test_no_history_is_kept_unless_one_is_named(history: str | None) -> None:
    assert not Settings(release=Path(), history=history).keeps_history

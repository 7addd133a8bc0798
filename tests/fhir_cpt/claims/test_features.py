"""Features are gathered for edits: one that no edit waits for would be work for nothing."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest

from fhir_cpt.claims.features import Feature
from fhir_cpt.rules.catalogue import BUILT_IN

WAITED_FOR = int(
    reduce(lambda one, other: one | other, (edit.when | edit.when_also | edit.consults for edit in BUILT_IN))
)
RULES = "".join(file.read_text("utf-8") for file in (Path(__file__).parents[3] / "fhir_cpt" / "rules").rglob("*.py"))


@pytest.mark.parametrize("feature", Feature, ids=lambda feature: feature.name)
def test_an_edit_waits_for_the_feature_or_looks_at_it(feature: Feature) -> None:
    assert feature & WAITED_FOR or f"Feature.{feature.name})" in RULES

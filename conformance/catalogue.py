"""CATALOGUE.md: every edit in words, from its module and its examples."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.answering import TITLES
from fhir_cpt.rules.catalogue import BUILT_IN
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.explained import Example, explained, marks, shown, written

_HEAD = """# The claim edits

Every edit that `Claim/$validate` runs, in the order in which they run; written by `python -m conformance.generate` from
the rules themselves. An id never changes its meaning, and is what packs of payers, `include` and `exclude` name. The
examples are claims in the short form of [fhir_cpt/claims/shorthand.py](fhir_cpt/claims/shorthand.py); the tests run all
of those in [fhir_cpt/rules/examples](fhir_cpt/rules/examples), and `fhir-cpt edits ID` runs the first.

An edit without a mark always runs. One marked *for Medicare alone* runs where the payer's pack says `medicare: true`;
one *where a pack names it* is off until a pack sets it to on or to a severity. What a payer's own rules say is in its
pack: `fhir-cpt packs`.

| edit | severity | CARC | RARC | runs | what fails |
| --- | --- | --- | --- | --- | --- |
"""


def catalogue() -> str:
    """The page."""
    rows = "".join(
        f"| [{edit.id}](#{edit.id}) | {edit.severity} | {_codes(edit.carc)} | {_codes(edit.rarc)} | {marks(edit)} "
        f"| {edit.title} |\n"
        for edit in BUILT_IN
    )
    return _HEAD + rows + "".join(f"\n{part}\n" for edit in BUILT_IN for part in _section(edit))


def _section(edit: Edit) -> Iterator[str]:
    told = explained(edit)
    yield f"## {edit.id}"
    yield f"**{edit.title}.** {told.what}"
    if told.why:
        yield f"*Why it matters.* {told.why}"
    for case in told.cases:
        yield f"- {case}"
    yield f"*{_summary(edit)}*"
    yield f"Citation: {told.citation.rstrip('.')}."
    speaking, passing = shown(edit.id)
    if speaking:
        yield _example(speaking)
    if passing:
        yield _example(passing)


def _summary(edit: Edit) -> str:
    parts = [f"Family {edit.family}", edit.severity]
    parts += [f"{name} {_codes(codes)}" for name, codes in (("CARC", edit.carc), ("RARC", edit.rarc)) if codes]
    if edit.needs:
        parts.append(f"reads {', '.join(TITLES[need] for need in edit.needs)}")
    if edit.history:
        parts.append("looks at prior claims")
    if edit.yields_to:
        parts.append(f"silent where {' or '.join(edit.yields_to)} spoke of the same lines")
    return "; ".join([*parts, *filter(None, [marks(edit)])]) + "."


def _example(example: Example) -> str:
    state = {"fail": "fails", "bypassed": "is bypassed", "no-data": "could not be checked", "pass": "passes"}
    return f"```yaml\n# {example['name']}: {state[example['expect']]}\n{written(example)}\n```"


def _codes(codes: tuple[str, ...]) -> str:
    return ", ".join(codes)

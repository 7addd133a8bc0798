"""The value sets that come with the code systems: HL7's for CPT, and one for each section, category and letter."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase

import msgspec

from terminology.model import CANONICAL, CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE
from terminology.provider import CodeSystemProvider
from terminology.release import cpt_fragment
from terminology.release.reader import Release
from terminology.valueset import Filter, Include, ValueSet

_THO = "http://terminology.hl7.org/ValueSet/"
_CODES = (Filter("modifier", "=", "false"), Filter("modified", "=", "false"))


def value_sets(release: Release) -> dict[str, ValueSet]:
    """The value sets over the code systems that the release holds, by canonical URL, aliases among them.

    Source of the four CPT value sets: terminology.hl7.org (cpt-all, cpt-base, cpt-modifiers, cpt-usable).
    """
    held = release.code_systems
    letters = _letters(held[HCPCS].newest) if HCPCS in held else ""
    found = [_marked(item, release) for item in _all(letters) if item.include[0].system in held]
    by_url = {item.url: item for item in found}
    for alias, url in (
        (f"{CPT}/vs", f"{_THO}cpt-all"),
        (f"{HCPCS}/vs", f"{CANONICAL}ValueSet/hcpcs"),
        (f"{ICD10CM}/vs", f"{CANONICAL}ValueSet/icd10cm"),
    ):
        if url in by_url:
            by_url[alias] = by_url[url]
    return by_url


def _marked(value_set: ValueSet, release: Release) -> ValueSet:
    """The value set with what the release says of itself: the notice of its code system, whether it is for trial."""
    licence = release.licence(value_set.include[0].system or "")
    return msgspec.structs.replace(
        value_set, copyright=licence.notice if licence else None, experimental=release.manifest.experimental
    )


def _all(letters: str) -> Iterator[ValueSet]:
    yield _of(f"{_THO}cpt-all", "All CPT codes and modifiers", Include(CPT))
    yield _of(f"{_THO}cpt-base", "CPT codes without modifiers", Include(CPT, filters=_CODES))
    yield _of(f"{_THO}cpt-modifiers", "CPT modifiers", Include(CPT, filters=(Filter("modifier", "=", "true"),)))
    yield _of(
        f"{_THO}cpt-usable",
        "CPT codes, with and without modifiers, that may stand on a claim",
        Include(CPT, filters=_CODES),
        Include(CPT, filters=(Filter("modified", "=", "true"),)),
    )
    for section in cpt_fragment.facts()["sections"]:
        only = Include(CPT, filters=(Filter("section", "=", section["id"]),))
        yield _of(_own(f"cpt-section-{section['id']}"), f"CPT: {section['title']}", only)
    for category in cpt_fragment.facts()["categories"]:
        only = Include(CPT, filters=(Filter("category", "=", category["id"]),))
        yield _of(_own(f"cpt-category-{category['id'].lower()}"), f"CPT: {category['title']}", only)
    yield _of(_own("hcpcs"), "All HCPCS Level II codes and modifiers", Include(HCPCS))
    for truth, name, title in (("false", "codes", "codes"), ("true", "modifiers", "modifiers")):
        only = Include(HCPCS, filters=(Filter("modifier", "=", truth),))
        yield _of(_own(f"hcpcs-{name}"), f"HCPCS Level II {title}", only)
    for letter in letters:
        codes = (
            _CODES[0],
            Filter("code", "in", f"{letter}0000-{letter}9999"),
        )
        yield _of(_own(f"hcpcs-{letter.lower()}"), f"HCPCS Level II: {letter} codes", Include(HCPCS, filters=codes))
    yield _of(_own("icd10cm"), "All ICD-10-CM codes", Include(ICD10CM))
    billable = Include(ICD10CM, filters=(Filter("billable", "=", "true"),))
    yield _of(_own("icd10cm-billable"), "ICD-10-CM codes that may be billed", billable)
    yield _of(_own("place-of-service"), "CMS place of service codes", Include(PLACE_OF_SERVICE))


def _letters(hcpcs: CodeSystemProvider) -> str:
    """The letters with which codes begin; modifiers do not count."""
    codes = hcpcs.having("modifier", "false")
    return "".join(
        letter
        for letter in ascii_uppercase
        if not set(codes).isdisjoint(hcpcs.between(f"{letter}0000", f"{letter}9999"))
    )


def _own(name: str) -> str:
    return f"{CANONICAL}ValueSet/{name}"


def _of(url: str, title: str, *includes: Include) -> ValueSet:
    name = url.rsplit("/", 1)[-1]
    return ValueSet(
        url=url, id=name, name="".join(part.capitalize() for part in name.split("-")), title=title, include=includes
    )

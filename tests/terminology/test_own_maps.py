"""Our own concept maps: by day, from the files and from the release."""

from __future__ import annotations

import pytest

from terminology import Release
from terminology.model import CPT, HCPCS
from terminology.own_maps import OwnMaps
from terminology.queries.translate import translate


@pytest.fixture(scope="module")
def maps(sample_release: Release) -> OwnMaps:
    return OwnMaps(sample_release)


def codes(maps: OwnMaps, day: int, system: str, code: str, target: str) -> list[str]:
    return sorted(match.concept.code for match in translate(maps.on(day), source=system, code=code, target=target))


@pytest.mark.parametrize(
    ("day", "system", "code", "target", "found"),
    [
        (20201231, CPT, "99417", HCPCS, []),
        (20210101, CPT, "99417", HCPCS, ["G2212"]),
        (20230101, CPT, "99417", HCPCS, ["G0318", "G2212"]),
        (20201231, CPT, "99201", HCPCS, ["G0463"]),
        (20210101, CPT, "99201", HCPCS, []),
        (20221231, CPT, "99241", CPT, []),
        (20230101, CPT, "99241", CPT, ["99242"]),
        (20241231, HCPCS, "G2012", CPT, []),
        (20250101, HCPCS, "G2012", CPT, ["98016"]),
        (20260331, HCPCS, "C9990", HCPCS, []),
        (20260401, HCPCS, "C9990", HCPCS, ["J9990"]),
        (20260401, CPT, "80053", HCPCS, []),
    ],
)
def test_a_mapping_holds_from_its_first_day_to_its_last(
    maps: OwnMaps, day: int, system: str, code: str, target: str, found: list[str]
) -> None:
    assert codes(maps, day, system, code, target) == found


def test_a_code_is_found_from_its_target_too(maps: OwnMaps) -> None:
    found = translate(maps.on(20260101), target=HCPCS, target_code="G2212")
    assert [match.source.code for match in found] == ["99417"]


def test_every_map_has_a_url_of_its_own_and_mappings(maps: OwnMaps) -> None:
    found = maps.on(20260801)
    assert len({one.url for one in found}) == len(found) >= 4
    assert all(group.elements for one in found for group in one.groups)

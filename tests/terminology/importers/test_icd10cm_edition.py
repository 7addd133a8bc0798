from __future__ import annotations

import pytest

from terminology.errors import EditionUnknown
from terminology.importers.icd10cm_edition import icd10cm_edition, update_start


@pytest.mark.parametrize(
    ("name", "version", "year", "expected"),
    [
        ("icd10cm_order_2025.txt", "", None, ("2025", 20241001, 20250930)),
        ("icd10cm_order_2025.txt", "2026", None, ("2026", 20251001, 20260930)),
        ("tabular.xml", "", 2026, ("2026", 20251001, 20260930)),
        ("icd10cm_tabular_2026_april.xml", "", 2026, ("2026-04", 20251001, 20260930)),
        ("april-1-2026-codes.zip", "", None, ("2026-04", 20251001, 20260930)),
        ("x.xml", "2026-04", 2026, ("2026-04", 20251001, 20260930)),
        ("x.xml", "2025-10", None, ("2025-10", 20251001, 20260930)),
    ],
)
def test_an_edition_covers_its_whole_fiscal_year(file_of, name, version, year, expected):
    edition = icd10cm_edition(file_of("", name, version), "icd10cm", year)
    assert (edition.version, edition.start, edition.end) == expected


@pytest.mark.parametrize(("version", "day"), [("2026", None), ("2026-04", 20260401)])
def test_the_version_of_an_update_tells_its_own_first_day(version, day):
    assert update_start(version) == day


@pytest.mark.parametrize("version", ["26", "2026-13", "FY2026"])
def test_a_version_that_is_no_fiscal_year_is_refused(file_of, version):
    with pytest.raises(EditionUnknown, match="give it as FILE@2026"):
        icd10cm_edition(file_of("", "icd10cm_order_2025.txt", version), "icd10cm")

from __future__ import annotations

import pytest

from terminology.errors import EditionUnknown
from terminology.importers.rvu_edition import is_qpp, rvu_edition
from terminology.model import Edition

TITLE = "2025 Anything October Release"


@pytest.mark.parametrize(
    ("name", "version", "titles", "expected"),
    [
        ("x.csv", "2025q4", [], ("2025q4", 20251001, 20251231)),
        ("PPRRVU2024_Jan.csv", "2025q4", [TITLE], ("2025q4", 20251001, 20251231)),
        ("PPRRVU2024_Jan.csv", "", [TITLE], ("2025q4", 20251001, 20251231)),
        ("PPRRVU2025_Oct.txt", "", [], ("2025q4", 20251001, 20251231)),
        ("PPRRVU24_JAN.txt", "", [], ("2024q1", 20240101, 20240331)),
        ("rvu25b.zip", "", [], ("2025q2", 20250401, 20250630)),
        ("RVU24AR.zip", "", [], ("2024q1r1", 20240309, 20240331)),
        ("x.csv", "2024q1r1", [], ("2024q1r1", 20240309, 20240331)),
        ("x.csv", "2023q3r1", [], ("2023q3r1", 20230701, 20230930)),
        ("x.csv", "2023q3r1,2023-08-15", [], ("2023q3r1", 20230815, 20230930)),
    ],
)
def test_the_edition_is_given_or_in_the_title_or_in_the_name(file_of, name, version, titles, expected):
    assert rvu_edition(file_of("", name, version), "pfs", titles) == Edition("pfs", *expected)


@pytest.mark.parametrize("version", ["2025", "2025q5", "2024q1r1,2024-04-01", "2024q1r1,2024-02-31"])
def test_a_version_that_is_no_quarter_is_refused(file_of, version):
    with pytest.raises(EditionUnknown):
        rvu_edition(file_of("", "PPRRVU2025_Oct.txt", version), "pfs")


def test_a_file_that_names_no_quarter_asks_for_it(file_of):
    with pytest.raises(EditionUnknown, match="FILE@2025q4"):
        rvu_edition(file_of("", "OPPSCAP_Oct.csv"), "oppscap")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("PPRRVU2026_Jan_QPP.csv", True), ("PPRRVU2026_Jan_nonQPP.csv", False), ("PPRRVU2026_Jan_non-qpp.csv", False)],
)
def test_the_name_tells_the_two_conversion_factors_of_2026_apart(file_of, name, expected):
    assert is_qpp(file_of("", name)) is expected

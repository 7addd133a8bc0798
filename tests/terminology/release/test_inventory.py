from __future__ import annotations

from terminology.edits import Mue, PtpColumns
from terminology.model import Concept
from terminology.release.inventory import describe


def test_every_edition_is_described_once_by_table_and_day(batch, compiled):
    quarter = {"start": 20240701, "end": 20240930}
    release = compiled(
        batch("pos", [Concept("11")], "undated", basis="undated"),
        batch("hcpcs", [Concept("A1"), Concept("A2")], "2024-10", start=20241001, end=20241231, basis="rows"),
        batch("hcpcs", [Concept("A1")], "2024-07", **quarter, basis="rows"),
        batch("mue-dme", [Mue("99213", 1, 3, "")], "2024q3", **quarter),
        batch("ptp-hospital", PtpColumns(), "2024q3", "f3", **quarter, basis="rows"),
    )
    described = describe(release)
    assert [(row.table, row.version, row.days) for row in described] == [
        ("cpt", "2024", "2024-01-01 to 2024-12-31"),
        ("hcpcs", "2024-07", "2024-07-01 to 2024-09-30, rows dated"),
        ("hcpcs", "2024-10", "2024-10-01 to 2024-12-31, rows dated"),
        ("mue-dme", "2024q3", "2024-07-01 to 2024-09-30"),
        ("pos", "undated", "any day"),
        ("ptp-hospital", "2024q3", "2024-07-01 to 2024-09-30, rows dated"),
    ]
    rows = {(row.table, row.version): row for row in described}
    assert rows["cpt", "2024"].content == "fragment"
    assert rows["hcpcs", "2024-10"].rows == 2
    assert rows["ptp-hospital", "2024q3"].parts == ("f3",)
    assert all(row.bytes > 0 for row in described)

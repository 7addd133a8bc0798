from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from terminology.edits import Gpci, Mue
from terminology.release import keyed
from terminology.release.keyed import KeyedReader
from terminology.release.tables import KEYED

TABLES = {table.name: table for table in KEYED}
CODES = st.text("AB12", min_size=5, max_size=5)


@given(st.lists(st.builds(Mue, CODES, st.integers(0, 999), st.integers(1, 3), st.text(max_size=9))), CODES)
def test_records_are_found_by_their_code_in_their_order(tmp_path_factory, rows, asked):
    path = tmp_path_factory.mktemp("keyed") / "mue.table"
    assert keyed.write(path, TABLES["mue-practitioner"], rows) == len(rows)
    naive = defaultdict(list)
    for row in rows:
        naive[row.code].append(row)
    reader = KeyedReader(path, Mue)
    assert len(reader) == len(naive)
    assert list(reader) == sorted(naive)
    assert [list(reader.get(code)) for code in reader] == [naive[code] for code in sorted(naive)]
    assert list(reader.get(asked)) == naive.get(asked, [])
    assert (asked in reader) == (asked in naive)
    assert list(reader.values()) == [row for code in sorted(naive) for row in naive[code]]


def test_what_cannot_be_a_key_is_not_found(tmp_path):
    keyed.write(tmp_path / "t", TABLES["mue-dme"], [Mue("99213", 1, 1, "")])
    reader = KeyedReader(tmp_path / "t", Mue)
    assert [reader.get(key) for key in ("", "99213\0", "992130000", "é")] == [()] * 4
    assert "99213" in reader


def test_a_locality_is_found_by_contractor_and_number(tmp_path):
    row = Gpci("01112", "05", "CA", "Somewhere", 1.0, 1.5, 0.5)
    keyed.write(tmp_path / "t", TABLES["gpci"], [row])
    assert KeyedReader(tmp_path / "t", Gpci).get("0111205") == (row,)

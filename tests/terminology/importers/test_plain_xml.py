from __future__ import annotations

import gzip

import pytest

from terminology.errors import SourceRefused
from terminology.importers.plain_xml import read_xml


def test_elements_attributes_and_text_are_read_from_gzip_too(file_of):
    root = read_xml(file_of(gzip.compress('<a x="1"><b>é &amp; ü</b></a>'.encode()), "a.xml.gz"))
    assert (root.tag, root.get("x"), root.findtext("b")) == ("a", "1", "é & ü")


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY e "many">]><a>&e;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<!-- " + "x" * 100_000 + " --><!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused(file_of, content):
    with pytest.raises(SourceRefused, match="line 1 declares a document type"):
        read_xml(file_of(content, "a.xml"))


@pytest.mark.parametrize("content", ["", "<a>", "<a></b>", "text"])
def test_what_is_not_well_formed_is_refused_with_its_place(file_of, content):
    with pytest.raises(SourceRefused, match=r"a\.xml: cannot be read as XML: .*line 1, column"):
        read_xml(file_of(content, "a.xml"))

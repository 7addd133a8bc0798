"""Reading XML that came from elsewhere: no document type, hence no entities to expand and nothing to fetch."""

from __future__ import annotations

import xml.parsers.expat
from xml.etree.ElementTree import Element, TreeBuilder

from terminology.errors import SourceRefused
from terminology.importers.source import DAMAGE, Member


def read_xml(source: Member) -> Element:
    """The root element. Raises SourceRefused, naming line and column, for XML that is not well-formed or has a DTD."""
    builder = TreeBuilder()
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data

    def refuse_document_type(*_: object) -> None:
        raise SourceRefused(source.name, f"line {parser.CurrentLineNumber} declares a document type, which is refused")

    parser.StartDoctypeDeclHandler = refuse_document_type
    try:
        with source.open() as stream:
            parser.ParseFile(stream)
    except (xml.parsers.expat.ExpatError, *DAMAGE) as error:
        raise SourceRefused(source.name, f"cannot be read as XML: {error}") from error
    return builder.close()

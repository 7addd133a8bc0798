"""The JSON Schema of a payer's pack, for editors: made of the types that the loader reads packs with."""

from __future__ import annotations

from typing import Any

import msgspec

from fhir_cpt.payers.pack import Pack
from terminology.model import CANONICAL


def pack_schema() -> dict[str, Any]:
    """The schema, with our own address."""
    schema = msgspec.json.schema(Pack)
    schema["$defs"]["Require"] |= {"minProperties": 1, "maxProperties": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{CANONICAL}schema/pack.schema.json",
        "title": "A payer's pack of fhir-cpt",
        **schema,
    }

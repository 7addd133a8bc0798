"""Value sets of our own as ValueSet resources."""

from __future__ import annotations

from typing import Any

from terminology.valueset import Filter, Include, Listed, ValueSet

Json = dict[str, Any]


def value_set_json(value_set: ValueSet) -> Json:
    """A value set's definition as a ValueSet resource."""
    made: Json = {
        "resourceType": "ValueSet",
        "id": value_set.id,
        "url": value_set.url,
        "name": value_set.name,
        "title": value_set.title,
        "status": "active",
        "experimental": value_set.experimental,
    }
    if value_set.version:
        made["version"] = value_set.version
    if value_set.copyright:
        made["copyright"] = value_set.copyright
    made["compose"] = {"include": [_include(item) for item in value_set.include]}
    if value_set.exclude:
        made["compose"]["exclude"] = [_include(item) for item in value_set.exclude]
    return made


def _include(include: Include) -> Json:
    made: Json = {}
    if include.system:
        made["system"] = include.system
    if include.version:
        made["version"] = include.version
    if include.codes:
        made["concept"] = [_listed(item) for item in include.codes]
    if include.filters:
        made["filter"] = [_filter(item) for item in include.filters]
    if include.value_sets:
        made["valueSet"] = list(include.value_sets)
    return made


def _listed(item: Listed) -> Json:
    return {"code": item.code, **({"display": item.display} if item.display else {})}


def _filter(item: Filter) -> Json:
    return {"property": item.property, "op": item.op, "value": item.value}

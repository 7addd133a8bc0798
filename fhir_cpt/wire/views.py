"""In which form the findings of `$validate` are wanted: the parameter `_view`, else the header Accept.

| view | `_view` | Accept |
| --- | --- | --- |
| OperationOutcome | `outcome` (the default) | `application/fhir+json`, `application/json` |
| ClaimResponse | `claim-response` | either of these with `; view=claim-response` |
| flat JSON, no FHIR | `flat` | `application/json; view=flat` |

Of NDJSON, its own media types will do with the parameter, too: `application/fhir+ndjson; view=flat`.
"""

from __future__ import annotations

from typing import Literal, get_args

from fhir_cpt.errors import RequestError
from fhir_cpt.wire.http import NDJSON_TYPES, is_any, is_json

View = Literal["outcome", "claim-response", "flat"]
VIEWS: tuple[View, ...] = get_args(View)
DEFAULT: View = "outcome"


def wanted_view(named: str | None, accept: str, *, ndjson: bool = False) -> View:
    """The view that is asked for. `named` is the parameter `_view`, which wins over the header.

    With `ndjson` the answer is a line among others, and the types of NDJSON are taken, too. Raises RequestError 400
    for a parameter that names no view, 406 where the header takes none but unknown ones.
    """
    if named is not None:
        view = _known(named)
        if view is None:
            told = f"The parameter _view is one of {', '.join(VIEWS)}, not {named[:40]!r}"
            raise RequestError(400, "invalid", told, "_view")
        return view
    if "view" not in accept:
        return DEFAULT
    ranges = sorted(map(_range, accept.split(",")), key=lambda one: -one[2])  # of equal weight, the first one named
    lines = NDJSON_TYPES if ndjson else ()
    taken = [
        (kind, name) for kind, name, weight in ranges if weight > 0 and (is_json(kind) or is_any(kind) or kind in lines)
    ]
    for kind, name in taken:
        view = DEFAULT if name is None else _known(name)
        if view is not None and not (view == "flat" and "fhir" in kind and kind not in lines):
            return view
    if not taken:
        return DEFAULT  # the parameter _format has taken the header's place
    text = f"No view in {accept[:100]!r} is offered: {', '.join(VIEWS)} are, flat as application/json"
    raise RequestError(406, "not-supported", text)


def _known(name: str) -> View | None:
    return next((view for view in VIEWS if view == name), None)


def _range(text: str) -> tuple[str, str | None, float]:
    """Media type, parameter `view` and weight of one range of an Accept header. Source: RFC 9110, 12.5.1."""
    kind, *parameters = [part.strip() for part in text.split(";")]
    given = {
        name.strip().lower(): value.strip().strip('"') for name, _, value in (p.partition("=") for p in parameters)
    }
    try:
        weight = float(given.get("q", "1"))
    except ValueError:
        weight = 0.0
    return kind.lower(), given.get("view"), weight

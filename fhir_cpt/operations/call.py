"""What an operation gets, and how one is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fhir_cpt.history import Keeper
from fhir_cpt.served import Served
from fhir_cpt.sessions import Sessions
from fhir_cpt.wire.arguments import Arguments, Known, Parameter
from fhir_cpt.wire.brought import NOTHING, Brought
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.models import FhirVersion
from terminology.period import Day
from terminology.queries.expand import MOST

Json = dict[str, Any]


@dataclass(slots=True)
class Call:
    """One invocation: the release to answer from, the arguments, and where it was invoked.

    `instance` is the id in `/CodeSystem/[id]/$lookup`, `raw` the body as it came (for the structure check),
    `language` the header Accept-Language, `accept` the header Accept, `ndjson` whether the body is a line among others,
    `sessions` what clients left here before, `most` how many concepts an expansion may list at once, `brought` what
    came with the request, `history` what is kept of the past, where it is.
    """

    served: Served
    version: FhirVersion
    arguments: Arguments
    today: Day
    resource_type: str | None = None
    instance: str | None = None
    raw: bytes = b""
    resource: Json | None = None
    language: str | None = None
    accept: str = ""
    ndjson: bool = False
    sessions: Sessions | None = None
    most: int = MOST
    brought: Brought = NOTHING
    history: Keeper | None = None


@dataclass(frozen=True)
class Operation:
    """An operation of the registry: its name without `$`, where it is offered, its inputs, and what carries it out.

    `takes` names resource types that may be posted as they are, without Parameters, as the value of `body`.
    `returns` is the type of resource that it answers with, `views` are those of other views of the same, of which one
    is plain JSON. `safe` operations only read, and answer GET as well as POST; `costly` ones may take long; `bulk` ones
    take NDJSON, and answer each of its lines. Source: the OperationDefinition at `definition`.
    """

    name: str
    title: str
    definition: str
    handle: Callable[[Call], Answer]
    types: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    instance: bool = False
    system: bool = False
    takes: tuple[str, ...] = ()
    body: str = ""
    returns: str = "Parameters"
    views: tuple[str, ...] = ()
    safe: bool = True
    costly: bool = False
    bulk: bool = False
    known: Known = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", Known(self.parameters))

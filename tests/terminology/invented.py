"""Invented code systems and value sets, and a directory of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from terminology.memory import MemoryCodeSystem
from terminology.model import Coding, Concept, Designation, Extension, Property
from terminology.queries.directory import DayDirectory
from terminology.release.reader import Release
from terminology.resources import Resources
from terminology.standing import STANDARDS_STATUS
from terminology.valueset import ValueSet
from terminology.versions import NO_RULES, Rules

TREES = "http://example.org/trees"
DAY = 20261121
SYNONYM = Coding("http://example.org/uses", "synonym")


def concept(code: str, display: str | None = None, *parents: str, **properties: str | bool | int) -> Concept:
    """A concept with properties."""
    found = tuple(
        Property(name, value, "boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "code")
        for name, value in properties.items()
    )
    status = properties.get("status")
    return Concept(
        code,
        display or code.title(),
        parents=parents,
        properties=found,
        inactive=status == "retired",
        abstract=properties.get("notSelectable") is True,
    )


TREE_CONCEPTS = (
    concept("tree", "Tree", notSelectable=True),
    concept("conifer", "Conifer", "tree", leaf="needle"),
    concept("pine", "Pine", "conifer", leaf="needle", height=30),
    concept("larch", "Larch", "conifer", leaf="needle", height=40, status="deprecated"),
    concept("broadleaf", "Broad-leaved tree", "tree", leaf="broad"),
    concept("oak", "Oak", "broadleaf", leaf="broad", height=40),
    concept("elm", "Elm", "broadleaf", leaf="broad", status="retired"),
)


def trees(version: str = "1.0.0", extra: Sequence[Concept] = (), **more: object) -> MemoryCodeSystem:
    """A code system of trees."""
    return MemoryCodeSystem(TREES, [*TREE_CONCEPTS, *extra], version=version, language="en", **more)  # type: ignore[arg-type]


def german(url: str = "http://example.org/trees-german") -> MemoryCodeSystem:
    """A supplement with German texts, one of them withdrawn, and a property."""
    evergreen = Property("evergreen", True, "boolean")
    withdrawn = (Extension(STANDARDS_STATUS, "withdrawn", "code"),)
    concepts = [
        Concept("oak", designations=(Designation("Eiche", "de"), Designation("Eichbaum", "de", None, withdrawn))),
        Concept("pine", designations=(Designation("Kiefer", "de"),), properties=(evergreen,)),
    ]
    return MemoryCodeSystem(url, concepts, version="2", content="supplement", supplements=TREES)


def directory(
    release: Release,
    *systems: MemoryCodeSystem,
    value_sets: Sequence[ValueSet] = (),
    rules: Rules = NO_RULES,
    supplements: Sequence[str] = (),
    held: Mapping[str, ValueSet] | None = None,
) -> DayDirectory:
    """A directory of a release and of what a client brought along."""
    return DayDirectory(release, held or {}, DAY, Resources(systems, value_sets), rules, supplements)

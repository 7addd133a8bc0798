"""Filters of value sets: which concepts of a code system pass. Source: FHIR, ValueSet.compose.include.filter."""

from __future__ import annotations

from collections.abc import Callable, Collection

from terminology import messages, regex
from terminology.errors import FilterInvalid
from terminology.memory import as_text
from terminology.model import Concept
from terminology.provider import CodeSystemProvider, Located
from terminology.standing import known_as
from terminology.valueset import Filter

CODE = ("concept", "code")
"""The properties that stand for the code itself, or its place in the hierarchy."""
_ALWAYS = frozenset({"display", "definition", "designation", "inactive", "status", "notSelectable", "parent", "child"})
_HIERARCHY = ("is-a", "is-not-a", "descendent-of", "descendent-leaf", "child-of", "generalizes")
_VALUES = ("=", "in", "not-in", "exists", "regex")


def selected(item: Filter, provider: CodeSystemProvider) -> Collection[int]:
    """The concepts that pass the filter. Raises FilterInvalid."""
    _has_value(item, provider)
    if item.op in _HIERARCHY:
        return _related(item, provider)
    _check(item, provider)
    if item.property in CODE and item.op in ("=", "in"):
        return sorted({at for part in _parts(item) for at in _coded(part, provider)})
    if item.property in provider.property_types and item.op in ("=", "in", "not-in"):
        parts = _parts(item)
        having: Collection[int] = provider.having(item.property, parts[0])
        if len(parts) > 1:
            having = sorted({at for part in parts for at in provider.having(item.property, part)})
        if item.op != "not-in":
            return having
        gone = set(having)
        return [at for at in range(len(provider)) if at not in gone]
    test = _test(item, provider)
    return [at for at in range(len(provider)) if test(provider.concept(at))]


def passes(item: Filter, provider: CodeSystemProvider, found: Located) -> bool:
    """Whether one concept passes the filter, looking at no other where that can be helped. Raises FilterInvalid."""
    _has_value(item, provider)
    if item.op in _HIERARCHY:
        return found.at is not None and _stands(item, provider, found.at)
    _check(item, provider)
    if item.property in CODE and item.op in ("=", "in"):
        return found.at is not None and any(found.at in _coded(part, provider) for part in _parts(item))
    return _test(item, provider)(found.concept)


def _has_value(item: Filter, provider: CodeSystemProvider) -> None:
    if not item.value:
        raise FilterInvalid(messages.filter_without_value(provider.url, item.property, item.op, item.path))


def descendants(provider: CodeSystemProvider, at: int) -> set[int]:
    """All concepts below the one given."""
    return _reached(provider.children, at)


def ancestors(provider: CodeSystemProvider, at: int) -> set[int]:
    """All concepts above the one given."""
    return _reached(provider.parents, at)


def _reached(step: Callable[[int], Collection[int]], at: int) -> set[int]:
    found: set[int] = set()
    left = list(step(at))
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left.extend(step(one))
    return found


def _related(item: Filter, provider: CodeSystemProvider) -> Collection[int]:
    """The concepts that stand to the filter's code as its operator says."""
    _check_hierarchy(item, provider)
    start = _start(item, provider)
    if item.op == "child-of":
        return list(provider.children(start))
    if item.op == "generalizes":
        return sorted({start, *ancestors(provider, start)})
    below = descendants(provider, start) - {start}  # parents may go in a circle
    if item.op == "is-a":
        return sorted({start, *below})
    if item.op == "descendent-of":
        return sorted(below)
    if item.op == "descendent-leaf":
        return sorted(at for at in below if not provider.children(at))
    return [at for at in range(len(provider)) if at != start and at not in below]


def _stands(item: Filter, provider: CodeSystemProvider, at: int) -> bool:
    """Whether one concept stands to the filter's code as its operator says."""
    _check_hierarchy(item, provider)
    start = _start(item, provider)
    if item.op == "child-of":
        return start in provider.parents(at)
    if item.op == "generalizes":
        return at == start or at in ancestors(provider, start)
    below = at != start and start in ancestors(provider, at)
    if item.op == "descendent-of":
        return below
    if item.op == "descendent-leaf":
        return below and not provider.children(at)
    return (below or at == start) is (item.op == "is-a")


def _check_hierarchy(item: Filter, provider: CodeSystemProvider) -> None:
    if item.property not in CODE and item.property not in known_as("parent", provider.property_uris):
        raise invalid(item, provider, f"the operator {item.op} is not supported on {item.property}")


def _start(item: Filter, provider: CodeSystemProvider) -> int:
    start = provider.locate(item.value)
    if start is None or start.at is None:
        raise invalid(item, provider, f"the code {item.value} is not in it")
    return start.at


def _check(item: Filter, provider: CodeSystemProvider) -> None:
    if item.op not in _VALUES:
        raise invalid(item, provider, f"the operator {item.op!r} is not supported")
    if item.property not in CODE and item.property not in _ALWAYS and item.property not in provider.property_types:
        raise invalid(item, provider, f"it has no property {item.property}")


def _parts(item: Filter) -> list[str]:
    return [item.value] if item.op == "=" else [part.strip() for part in item.value.split(",")]


def _coded(part: str, provider: CodeSystemProvider) -> Collection[int]:
    """The concept of a code, or those of a range such as `20100-69990`."""
    found = provider.locate(part)
    if found is not None and found.at is not None:
        return (found.at,)
    low, dash, high = part.partition("-")
    return provider.between(low, high) if dash else provider.between(part, part)


def _test(item: Filter, provider: CodeSystemProvider) -> Callable[[Concept], bool]:
    """A test of one concept by the texts of its property."""
    if item.op == "exists":
        wanted = item.value == "true"
        return lambda concept: bool(texts(item.property, concept, provider)) is wanted
    if item.op == "regex":
        try:
            match = regex.whole_match(item.value)
        except ValueError as error:
            raise invalid(item, provider, str(error)) from None
        return lambda concept: any(match(text) for text in texts(item.property, concept, provider))
    parts = frozenset(_parts(item))
    without = item.op == "not-in"
    return lambda concept: parts.isdisjoint(texts(item.property, concept, provider)) is without


def texts(name: str, concept: Concept, provider: CodeSystemProvider) -> list[str]:
    """The values of a concept's property, as filters write them; FHIR's own properties are computed where unstated."""
    if name in CODE:
        return [concept.code]
    found = [as_text(item.value) for item in concept.properties if item.code == name]
    if found or name in provider.property_types:
        return found
    if name in ("display", "definition"):
        text = concept.display if name == "display" else concept.definition
        return [text] if text else []
    if name == "designation":
        return [item.value for item in concept.designations]
    if name == "parent":
        return list(concept.parents)
    if name == "child":
        at = provider.locate(concept.code)
        return [provider.code(below) for below in provider.children(at.at)] if at and at.at is not None else []
    return [as_text(concept.inactive if name == "inactive" else concept.abstract)] if name != "status" else []


def invalid(item: Filter, provider: CodeSystemProvider, reason: str) -> FilterInvalid:
    """The error that says why the filter cannot be applied."""
    return FilterInvalid(
        f"The filter {item.property} {item.op} {item.value!r} cannot be applied to {provider.url}: {reason}"
    )

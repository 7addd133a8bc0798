"""Compares an answer with the expected file of a case. Source: the suite's readme.md.

Order never matters. Expected files hold control words: strings such as `$uuid$` or `$external:1:text$`, items marked
`$optional$`, and lists of `$optional-properties$` and `$count-arrays$`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

_TIME = r"T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
_KINDS = {
    "$$": r"(?s:.*)",
    "$string$": r"(?s:.*)",
    "$instant$": r"\d{4}-\d\d-\d\d" + _TIME,
    "$date$": rf"\d{{4}}(-\d\d(-\d\d({_TIME})?)?)?",
    "$uuid$": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "$id$": r"[A-Za-z0-9\-.]{1,64}",
    "$url$": r"https?://\S+",
    "$token$": r"\w[\w.\-]*",
    "$semver$": r"\d+\.\d+\.\d+([-+][\w.\-+]*)?",
}
_NEVER = frozenset({"diagnostics", "text", "meta"})
"""Properties of resources that are not compared, and of issues."""


class Comparison(NamedTuple):
    """How to compare: the modes that are run, the FHIR version, the extensions that the suite is about.

    `pattern`: the answer may hold more than is expected. `loose`: texts need agree only in letters and digits.
    """

    modes: Collection[str] = ("general",)
    fhir: str = "4.0.1"
    extensions: Collection[str] = ()
    pattern: bool = False
    loose: bool = False

    def difference(self, expected: Any, actual: Any, path: str = "") -> str | None:
        """The first difference, in words; None where the answer is as expected."""
        if isinstance(expected, dict) and isinstance(actual, dict):
            return self._object(expected, actual, path)
        if isinstance(expected, list) and isinstance(actual, list):
            return self._array(expected, actual, path)
        if isinstance(expected, str) and isinstance(actual, str):
            same = self._text(expected, actual) or (path.endswith(".div") and "<div" in expected)
            return None if same else f"{path}: {expected!r} is expected, not {actual!r}"
        same = type(expected) is type(actual) and expected == actual
        return None if same or self._number(expected, actual) else f"{path}: {expected!r} is expected, not {actual!r}"

    @staticmethod
    def _number(expected: Any, actual: Any) -> bool:
        kinds = (int, float)
        plain = isinstance(expected, kinds) and isinstance(actual, kinds)
        return plain and not isinstance(expected, bool) and not isinstance(actual, bool) and expected == actual

    def _object(self, expected: dict[str, Any], actual: dict[str, Any], path: str) -> str | None:
        optional = {*expected.get("$optional-properties$", ())}
        if isinstance(expected.get("$optional"), list):
            optional.update(expected["$optional"])
        counted = expected.get("$count-arrays$", ())
        for name in expected.keys() | actual.keys():
            if name.startswith("$") or (name in _NEVER and self._is_told(expected, actual)):
                continue
            place = f"{path}.{name}"
            if name not in actual:
                if name not in optional and "*" not in optional and not self._omissible(name, expected[name]):
                    return f"{place} is missing"
            elif name not in expected:
                left = self._tested(actual[name]) if name == "extension" else actual[name]
                if left != [] and name not in optional and not self.pattern:
                    return f"{place} is not expected"
            elif name in counted:
                if len(expected[name]) != len(actual[name]):
                    return f"{place}: {len(expected[name])} items are expected, not {len(actual[name])}"
            else:
                found = self._tested(actual[name]) if name == "extension" else actual[name]
                if name == "valueString" and expected.get("name") == "message":
                    found, wanted = _in_order(found), _in_order(expected[name])
                else:
                    wanted = expected[name]
                if (difference := self.difference(wanted, found, place)) is not None:
                    return difference
        return None

    @staticmethod
    def _is_told(expected: dict[str, Any], actual: dict[str, Any]) -> bool:
        """Whether the object is a resource, or an issue, whose words to people are not compared."""
        return "resourceType" in actual or "severity" in expected

    def _tested(self, extensions: Any) -> Any:
        """The extensions that the suite is about; parts of an extension (no absolute URL) among them."""
        if self.pattern or not isinstance(extensions, list):
            return extensions
        return [item for item in extensions if ":" not in item.get("url", "") or item["url"] in self.extensions]

    def _omissible(self, name: str, value: Any) -> bool:
        if name == "location":
            return True
        items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        return bool(items) and all(self._optional(item) for item in items)

    def _optional(self, item: Any) -> bool:
        mark = item.get("$optional$", False) if isinstance(item, dict) else False
        if isinstance(mark, bool):
            return mark
        if mark.startswith("warning:"):
            return True
        if mark.startswith("version:"):
            return self.fhir.startswith(mark.removeprefix("version:"))
        return mark[1:] not in self.modes if mark.startswith("!") else mark in self.modes

    def _array(self, expected: list[Any], actual: list[Any], path: str) -> str | None:
        """Pairs the items off: those not optional must all find a partner and, but for patterns, all of the answer."""
        needed = [at for at, item in enumerate(expected) if self.pattern or not self._optional(item)]
        fits = [
            [self.difference(item, other, f"{path}[{at}]") is None for other in actual]
            for at, item in enumerate(expected)
        ]
        pairs: dict[int, int] = {}
        for at in needed:
            if not _paired(at, fits, pairs, set()):
                return self._unpaired(expected[at], actual, f"{path}[{at}]")
        if self.pattern:
            return None
        turned = [list(column) for column in zip(*fits, strict=True)] if fits else [[] for _ in actual]
        partners = {at: other for other, at in pairs.items()}
        for other in range(len(actual)):
            if other not in pairs and not _paired(other, turned, partners, set()):
                return f"{path}: {_name(actual[other])} is not expected"
        return None

    def _unpaired(self, item: Any, actual: list[Any], path: str) -> str:
        alike = [other for other in actual if _name(other) == _name(item)]
        reason = self.difference(item, alike[0], path) if alike else None
        return reason or f"{path}: {_name(item)} is missing"

    def _text(self, expected: str, actual: str) -> bool:
        if len(expected) > 1 and expected[0] == expected[-1] == "$":
            if expected in _KINDS:
                return re.fullmatch(_KINDS[expected], actual) is not None
            word, _, rest = expected[1:-1].partition(":")
            if word == "version":
                return actual == self.fhir
            if word == "choice":
                return actual in rest.split("|")
            if word == "external":
                rest = rest.partition(":")[2]
                rest = rest.partition(":")[0] if self.loose else rest
            return all(part.casefold() in actual.casefold() for part in rest.split("|"))
        if expected == actual:
            return True
        return self.loose and _bare(expected) == _bare(actual)


def _paired(at: int, fits: Sequence[Sequence[bool]], pairs: dict[int, int], seen: set[int]) -> bool:
    """Find a partner for an item, if need be by finding others for those before it (Kuhn's algorithm)."""
    for other, fit in enumerate(fits[at]):
        if fit and other not in seen:
            seen.add(other)
            if other not in pairs or _paired(pairs[other], fits, pairs, seen):
                pairs[other] = at
                return True
    return False


def _in_order(message: Any) -> Any:
    """A message is several texts joined in any order."""
    if not isinstance(message, str) or message.startswith("$"):
        return message
    return "; ".join(sorted(message.split("; ")))


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def _name(item: Any) -> str:
    """What tells an item from its siblings."""
    if not isinstance(item, dict):
        return repr(item)
    found = next((str(item[key]) for key in ("name", "code", "url", "language") if key in item), "")
    value = next((str(item[key]) for key in item if key.startswith("value")), "")
    text = (item.get("details") or {}).get("text", "") if isinstance(item.get("details"), dict) else ""
    return " ".join(part for part in (found, text or value) if part) or repr(item)[:80]

"""Reads a page: its text, elements and links; complains of markup that does not close or repeats an id."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "img", "br", "hr"})


class Page(HTMLParser):
    """A page that was read. `faults` names what is wrong with its markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self._texts: list[str] = []
        self._title: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"{name} is not closed" for name in self._open]
        ids = [attributes["id"] for _, attributes in self.elements if "id" in attributes]
        self.faults += [f"the id {name} is there twice" for name in set(ids) if ids.count(name) > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"{tag} closes what it did not open")

    def handle_data(self, data: str) -> None:
        (self._title if "title" in self._open else self._texts).append(data)

    @property
    def text(self) -> str:
        """All that is written on the page, blanks folded."""
        return " ".join(" ".join(self._texts).split())

    @property
    def title(self) -> str:
        """The title."""
        return " ".join("".join(self._title).split())

    @property
    def links(self) -> list[str]:
        """The addresses that the page links to."""
        return [attributes["href"] for tag, attributes in self.elements if tag == "a"]

r"""YXML: markup trees with two control characters in place of tags.

After "YXML: Isabelle/PIDE's transfer syntax" in "The Isabelle/Isar Implementation" and `src/Pure/PIDE/yxml.scala`:
`X Y name Y key=value ... X` opens an element and `X Y X` closes it, where X is `\x05` and Y is `\x06`; all else is
text. An element `xml_elem` has markup of its own in its first child `xml_body` (`src/Pure/PIDE/xml.scala`), which is
no part of the text that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_X, _Y = "\x05", "\x06"
_WRAPPED, _MARKUP = "xml_elem", "xml_body"
_NAME = "xml_name"
_BREAK = "break"
_HIDDEN = frozenset({_MARKUP, _BREAK})
"""What is in them is not of the text: it describes it, or is the blanks of a break once more."""
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Element:
    """An element that begins."""

    name: str
    """Of an `xml_elem`, the name that it stands for."""
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class End:
    """The element that began last, of those that have not ended, ends."""


def events(source: str) -> Iterator[Element | End | str]:
    """Yield where elements begin and end, and the text between them.

    What only describes other text is left out, with everything in it. A place where a line may be broken is text of as
    many blanks as it is wide.

    Raises:
        ValueError: an element has no name, or does not begin or end.
    """
    open_names: list[str] = []
    hidden = 0
    for chunk in source.split(_X):
        if not chunk.startswith(_Y):
            if chunk and not hidden:
                yield chunk
        elif chunk == _Y:
            if not open_names:
                raise ValueError("an element ends that did not begin")
            if open_names.pop() in _HIDDEN:
                hidden -= 1
            elif not hidden:
                yield End()
        else:
            found = _element(chunk)
            open_names.append(found.name)
            if found.name in _HIDDEN:
                if found.name == _BREAK and not hidden:
                    yield " " * _width(found)
                hidden += 1
            elif not hidden:
                yield found if found.name != _WRAPPED else Element(found.properties.get(_NAME, ""), found.properties)
    if open_names:
        raise ValueError(f"the element {open_names[-1]!r} does not end")


def _width(found: Element) -> int:
    width = found.properties.get("width", "1")
    if not width.isascii() or not width.isdigit() or len(width) > _DIGITS:
        raise ValueError(f"a break is {width[:20]!r} wide")
    return int(width)


def _element(chunk: str) -> Element:
    name, *properties = chunk.removeprefix(_Y).split(_Y)
    if not name or "=" in name:
        raise ValueError("an element has no name")
    pairs = [text.partition("=") for text in properties]
    if not all(separator for _, separator, _ in pairs):
        raise ValueError(f"a property of {name!r} has no value")
    return Element(name, {key: value for key, _, value in pairs})


def bodies(source: str) -> Iterator[tuple[Element, str]]:
    """Yield the outermost elements, each with the text in it.

    Raises:
        ValueError: as `events`.
    """
    stack: list[Element] = []
    text: list[str] = []
    for event in events(source):
        match event:
            case Element():
                stack.append(event)
            case End():
                last = stack.pop()
                if not stack:
                    yield last, "".join(text)
                    text.clear()
            case _ if stack:
                text.append(event)

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
_BREAK, _FORCED, _BLOCK = "break", "fbreak", "block"
_HIDDEN = frozenset({_MARKUP, _BREAK, _FORCED})
"""What is in them is not of the text: it describes it, or is the blanks of a break once more."""
_DIGITS = 3
_WIDEST = 1000
"""Most columns that a line is indented."""


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
    many blanks as it is wide, one where it has to be is a line end.

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
                    yield " " * _number(found, "width", "1")
                elif found.name == _FORCED and not hidden:
                    yield "\n"
                hidden += 1
            elif not hidden:
                yield found if found.name != _WRAPPED else Element(found.properties.get(_NAME, ""), found.properties)
    if open_names:
        raise ValueError(f"the element {open_names[-1]!r} does not end")


def _number(found: Element, name: str, otherwise: str) -> int:
    number = found.properties.get(name, otherwise)
    if not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise ValueError(f"{name} of a {found.name} is {number[:20]!r}")
    return int(number)


def _element(chunk: str) -> Element:
    name, *properties = chunk.removeprefix(_Y).split(_Y)
    if not name or "=" in name:
        raise ValueError("an element has no name")
    pairs = [text.partition("=") for text in properties]
    if not all(separator for _, separator, _ in pairs):
        raise ValueError(f"a property of {name!r} has no value")
    return Element(name, {key: value for key, _, value in pairs})


def bodies(source: str) -> Iterator[tuple[Element, str]]:
    """Yield the outermost elements, each with the text in it as it is printed where lines are wide enough.

    Within a `block` a line begins as many columns behind the block's first as its `indent` says (`Pretty.formatted` in
    `src/Pure/General/pretty.scala`).

    Raises:
        ValueError: as `events`.
    """
    stack: list[Element] = []
    margins: list[int] = []
    text: list[str] = []
    column = 0
    for event in events(source):
        match event:
            case Element():
                stack.append(event)
                if event.name == _BLOCK:
                    margins.append(min(column + _number(event, "indent", "0"), _WIDEST))
            case End():
                last = stack.pop()
                if last.name == _BLOCK:
                    margins.pop()
                if not stack:
                    yield last, "".join(text)
                    text.clear()
                    column = 0
            case str() if stack:
                margin = margins[-1] if margins else 0
                lines = event.replace("\n", "\n" + " " * margin)
                text.append(lines)
                column = len(lines) - lines.rfind("\n") - 1 + (column if "\n" not in lines else 0)

"""JSON documents of any size, element by element: only one element is in memory at a time.

Data sets are arrays of hundreds of megabytes in one file, or objects with such arrays beside members that nobody here
needs. What lies between the elements is read by its brackets only; each element is then parsed strictly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from corpora.stages.task import Failure
from lemmata import strict_json
from lemmata.errors import InputError, Location

LONGEST = 64 << 20
"""Most bytes of one element."""
MOST_FAILURES = 1000
"""So many records of a file may be wrong before the rest of it is given up."""
MALFORMED = "malformed record"
_CHUNK = 1 << 20
_BLANK = re.compile(rb"[ \t\r\n]*+")
_BRACKET = re.compile(rb'["\[\]{}]')
_WITHIN_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.S)
_SCALAR = re.compile(rb"[^\s,:\[\]{}\"]*+")
_BOM = b"\xef\xbb\xbf"
R = TypeVar("R")


def elements(path: Path) -> Iterator[tuple[Location, dict[str, Any] | str]]:
    """Yield the objects of a file: those of one array, one after another, or one a line.

    Args:
        path: the file.

    Yields:
        Where each begins, and the object; of one that is malformed within its brackets, or no object, what is wrong.

    Raises:
        InputError: the file cannot be read, or is no JSON between its elements, with the place.
    """
    with _opened(path) as file:
        reader = _Reader(file, path)
        if (first := reader.peek()) == b"[":
            yield from reader.array()
            if reader.peek():
                raise reader.wrong("something follows the array")
            return
        if first != b"{":
            raise reader.wrong("this is neither an array nor an object" if first else "the file is empty")
        while first:
            place = reader.place
            yield place, _object(reader.value())
            first = reader.peek()


def members(path: Path, names: Collection[str]) -> Iterator[tuple[str, Location, Any]]:
    """Yield what some members of the object in a file hold, in the order of the file; the others are passed over.

    Args:
        path: the file.
        names: of the members.

    Yields:
        For a member that is an array, for each object in it, the member's name, the place and the object (or what is
        wrong with it, a text); for any other member its name, place and value.

    Raises:
        InputError: as `elements`, or the file holds no object, or a wanted member that is no array is malformed.
    """
    with _opened(path) as file:
        reader = _Reader(file, path)
        for name in reader.members():
            if name not in names:
                reader.value(keep=False)
            elif reader.peek() == b"[":
                yield from ((name, *item) for item in reader.array())
            else:
                place = reader.place
                yield name, place, _parsed(reader.value(), place)


def sound(
    path: Path, found: Iterable[tuple[Location, Any]], read: Callable[[dict[str, Any]], R], failures: list[Failure]
) -> Iterator[R]:
    """Yield what the objects of a file stand for; what is wrong is left out and noted.

    Args:
        path: the file.
        found: its objects, as `elements` or `members` yields them.
        read: makes something of an object; raises `ValueError` with what is wrong.
        failures: is added to.

    Raises:
        InputError: nothing in the file can be read.
    """
    some = False
    place = Location(str(path))
    try:
        for place, value in found:
            try:
                if not isinstance(value, dict):
                    raise ValueError(value if isinstance(value, str) else "this is no list of objects")
                made = read(value)
            except ValueError as error:
                failures.append(Failure(f"{path.name}:{place.line}", MALFORMED, str(error)))
                if len(failures) >= MOST_FAILURES:
                    raise InputError(f"{MOST_FAILURES} of its records are malformed", location=place) from None
                continue
            some = True
            yield made
    except InputError as error:
        if not some:
            raise
        line = (error.location or place).line
        failures.append(Failure(f"{path.name}:{line}", "the rest cannot be read", error.message))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be read: {what}", location=Location(str(path))) from None


def _object(raw: bytes) -> dict[str, Any] | str:
    try:
        value = strict_json.parse(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return "no text in UTF-8"
    except ValueError as error:
        return str(error)
    return value if isinstance(value, dict) else "this is no JSON object"


def _parsed(raw: bytes, place: Location) -> Any:
    try:
        return strict_json.parse(raw.decode("utf-8"))
    except ValueError as error:
        what = "no text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise InputError(what, location=place) from None


class _Reader:
    """Goes through a file by its brackets."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._buffer = b""
        self._at = 0
        self._line = 1
        self._more()
        if self._buffer.startswith(_BOM):
            self._at = len(_BOM)

    @property
    def place(self) -> Location:
        """The line of what comes next."""
        return Location(str(self._path), self._line)

    def wrong(self, what: str) -> InputError:
        """Return the error for what comes next."""
        return InputError(what, hint="an array of JSON objects, or one object a line", location=self.place)

    def peek(self) -> bytes:
        """Return the next byte that is no blank, nothing at the end of the file."""
        while True:
            if found := _BLANK.match(self._buffer, self._at):
                self._pass(found.end())
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def array(self) -> Iterator[tuple[Location, dict[str, Any] | str]]:
        """Yield the elements of the array that comes next."""
        self._expect(b"[")
        if self.peek() == b"]":
            self._pass(self._at + 1)
            return
        while True:
            if not self.peek():
                raise self.wrong("the array does not end")
            place = self.place
            yield place, _object(self.value())
            if self._comma_or(b"]", "array"):
                return

    def members(self) -> Iterator[str]:
        """Yield the names of the object that comes next; whoever gets one reads its value."""
        self._expect(b"{")
        if self.peek() == b"}":
            self._pass(self._at + 1)
            return
        while True:
            if self.peek() != b'"':
                raise self.wrong("a member has no name")
            place = self.place
            name = _parsed(self.value(), place)
            self._expect(b":")
            yield str(name)
            if self._comma_or(b"}", "object"):
                return

    def value(self, *, keep: bool = True) -> bytes:
        """Return the text of the value that comes next, nothing where it is not to be kept.

        Raises:
            InputError: it does not end, closes what it did not open, or is longer than `LONGEST`.
        """
        taken: list[bytes] = []
        size, depth = 0, 0
        first = self.peek()
        if first not in (b"{", b"[", b'"'):
            return self._scalar()
        begun = self.place
        while True:
            found = _BRACKET.search(self._buffer, self._at)
            end = found.end() if found else len(self._buffer)
            size += end - self._at
            if keep:
                if size > LONGEST:
                    raise InputError(f"one element is longer than {LONGEST >> 20} MB", location=begun)
                taken.append(self._buffer[self._at : end])
            self._pass(end)
            if found is None:
                if not self._more():
                    raise InputError("an element does not end", hint="the file is cut short", location=begun)
                continue
            match found.group():
                case b'"':
                    size += self._string(taken if keep else None, begun, LONGEST - size)
                case b"{" | b"[":
                    depth += 1
                case _:
                    depth -= 1
            if depth <= 0:
                return b"".join(taken)

    def _string(self, taken: list[bytes] | None, begun: Location, room: int) -> int:
        """Read the rest of a string; return its length."""
        size = 0
        while True:
            found = _WITHIN_STRING.match(self._buffer, self._at)
            end = found.end() if found else self._at
            closed = self._buffer[end : end + 1] == b'"'
            end += closed
            size += end - self._at
            if taken is not None:
                if size > room:
                    raise InputError(f"one element is longer than {LONGEST >> 20} MB", location=begun)
                taken.append(self._buffer[self._at : end])
            self._pass(end)
            if closed:
                return size
            if not self._more():
                raise InputError("a string does not end", hint="the file is cut short", location=begun)

    def _scalar(self) -> bytes:
        taken = b""
        while True:
            found = _SCALAR.match(self._buffer, self._at)
            end = found.end() if found else self._at
            taken += self._buffer[self._at : end]
            self._pass(end)
            if end < len(self._buffer) or not self._more():
                break
            if len(taken) > _CHUNK:
                raise self.wrong("this is no JSON")
        if not taken:
            raise self.wrong("this is no JSON")
        return taken

    def _comma_or(self, closer: bytes, what: str) -> bool:
        """Pass over what stands behind an element; return whether it ends the whole."""
        found = self.peek()
        if found not in (b",", closer):
            raise self.wrong(f"the {what} does not end" if not found else "a comma is missing")
        self._pass(self._at + 1)
        return found == closer

    def _expect(self, wanted: bytes) -> None:
        if self.peek() != wanted:
            raise self.wrong(f"there is no {wanted.decode()!r} here")
        self._pass(self._at + 1)

    def _pass(self, end: int) -> None:
        self._line += self._buffer.count(b"\n", self._at, end)
        self._at = end

    def _more(self) -> bool:
        """Read on, behind what is left of the buffer; say whether there was anything."""
        try:
            found = self._file.read(_CHUNK)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", location=Location(str(self._path))) from None
        self._buffer = self._buffer[self._at :] + found
        self._at = 0
        return bool(found)


def text(value: dict[str, Any], name: str, default: str | None = None) -> str:
    """Return a member of a record that is a text.

    Raises:
        ValueError: it is missing without a default, something else, or no text that a file could hold.
    """
    return clean(value.get(name, default), name)


def clean(found: Any, name: str) -> str:
    """Return what is a text that a file could hold; raises as `text`."""
    if found is None:
        raise ValueError(f"the record has no {name!r}")
    if not isinstance(found, str):
        raise ValueError(f"{name!r} is no text")
    if "\0" in found or (not found.isascii() and not _is_unicode(found)):
        raise ValueError(f"{name!r} holds what is no character")
    return found


def texts(value: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a member of a record that is a list of texts, perhaps missing; raises as `text`."""
    found = value.get(name, [])
    if not isinstance(found, list):
        raise ValueError(f"{name!r} is no list")
    return tuple(clean(item, name) for item in found)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

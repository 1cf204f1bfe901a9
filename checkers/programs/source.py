"""From C text to a syntax tree: annotations are kept, the preprocessor is run, positions stay those of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pycparser import c_parser

from checkers.programs.pragmas import PRAGMA
from checkers.programs.preprocess import expand_constants, masked, preprocess
from lemmata.errors import InputError, Location, UnsupportedError


@dataclass(frozen=True, slots=True)
class Annotation:
    """One ACSL comment."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed C file."""

    file: str
    tree: Any
    annotations: tuple[Annotation, ...]


def parse(text: str, file: str, int_width: int | None = None) -> Source:
    """Parse C text.

    Args:
        text: the source.
        file: name for messages.
        int_width: width of `int` in bits for `<limits.h>`; None for the mathematical semantics.

    Raises:
        InputError: with a location, on anything that is not a C translation unit.
        UnsupportedError: on a header that is not known.
    """
    if "\0" in text or _BREAK in text or "\ufffd" in text:
        raise InputError("not a C text file (it holds binary data)", location=Location(file))
    if not text.strip():
        raise InputError("the file is empty", location=Location(file), hint="nothing to prove")
    # Also not pieced together by a line splice, ## or neighbouring strings.
    if PRAGMA in re.sub(r"[^A-Za-z_]", "", text):
        raise InputError(f"the name '{PRAGMA}' is reserved", location=Location(file))
    if spaced := re.search(r"\\[ \t]+\n", text):
        raise UnsupportedError(
            "a backslash, then a space, at the end of a line is not supported",
            location=Location(file, text.count("\n", 0, spaced.start()) + 1),
        )
    marked, annotations = _mark_annotations(_splice(text), file)
    prepared = _strip_attributes(preprocess(marked, file, int_width or 32))
    try:
        tree = c_parser.CParser().parse(prepared, file)
    except c_parser.ParseError as error:
        raise _parse_error(str(error), file) from None
    except RecursionError:
        raise InputError("nested too deeply to parse", location=Location(file), hint="simplify it") from None
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # pycparser fails in these ways on some ill-formed declarations.
        raise InputError(f"syntax error ({error})", location=Location(file)) from None
    expanded = (Annotation(expand_constants(a.text, a.line, marked, file), a.line, a.column) for a in annotations)
    return Source(file, tree, tuple(expanded))


def _parse_error(message: str, file: str) -> InputError:
    match = re.match(r"(?P<file>.*?):(?P<line>\d+):(?:(?P<col>\d+):?)? ?(?P<rest>.*)", message, re.DOTALL)
    if not match:
        rest = message.removeprefix(f"{file}: ").replace("At end of input", "unexpected end of file")
        return InputError(f"syntax error: {rest}", location=Location(file))
    rest = match["rest"].strip().replace("before: ", "unexpected ")
    place = Location(match["file"] or file, int(match["line"]), int(match["col"] or 0))
    return InputError(f"syntax error: {rest or 'cannot parse'}", location=place)


def _splice(text: str) -> str:
    """Join lines that end in a backslash, keeping the number of every later line (C11 5.1.1.2, phase 2)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\\\n" not in text:
        return text
    out: list[str] = []
    owed = 0
    for line in text.split("\n"):
        if line.endswith("\\"):
            out.append(line[:-1])
            owed += 1
        else:
            out.append(line + "\n" * (owed + 1))
            owed = 0
    return "".join(out).removesuffix("\n")


_BREAK = "\1"
"""Stands for a line break inside of a comment."""

_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|/\*|["'][^\n]*""",
    re.DOTALL,
)


def _mark_annotations(text: str, file: str) -> tuple[str, list[Annotation]]:
    """Replace every ACSL comment by a pragma that the parser keeps, and every other comment by white space."""
    found: list[Annotation] = []

    def mark(match: re.Match[str]) -> str:
        token = match[0]
        if token[0] in "\"'":
            return token
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        if token == "/*":
            raise InputError("unterminated comment", location=Location(file, line, column), hint="close it with */")
        breaks = _BREAK * token.count("\n")
        if not token.startswith(("//@", "/*@")):
            return breaks or " "
        body = token[3:] if token.startswith("//") else token[3:-2].rstrip("@")
        found.append(Annotation(re.sub(r"\n([ \t]*)@", r"\n\1 ", body), line, column))
        return f' _Pragma("{PRAGMA} {len(found) - 1}") {breaks}'

    lines = _TOKEN.sub(mark, text).split("\n")
    return "\n".join(map(_line_breaks, lines)), found


def _line_breaks(line: str) -> str:
    """Put the breaks of comments back: a comment does not end a directive, so there they come after it."""
    count = line.count(_BREAK)
    if count and line.replace(_BREAK, " ").lstrip().startswith("#"):
        return line.replace(_BREAK, "") + "\n" * count
    return line.replace(_BREAK, "\n")


_NOISE = re.compile(
    r"\b(__extension__|__inline__|__inline|__volatile__|__restrict__|__restrict|__const__|__const|__signed__)\b"
)
_NOISE_AS = {
    "__inline__": "inline", "__inline": "inline", "__restrict__": "restrict", "__restrict": "restrict",
    "__volatile__": "volatile", "__const__": "const", "__const": "const", "__signed__": "signed",
}  # fmt: skip
_ATTRIBUTE = re.compile(r"\b(__attribute__|__attribute|__asm__|asm|__asm)\b")
# Attributes that change nothing about what a program computes.
_HARMLESS = {
    "noreturn", "unused", "used", "const", "pure", "nothrow", "leaf", "nonnull", "warn_unused_result", "format",
    "deprecated", "always_inline", "noinline", "inline", "cold", "hot", "malloc", "visibility", "fallthrough",
    "alloc_size", "alloc_align", "sentinel", "format_arg", "noclone",
    "artificial", "gnu_inline", "access", "no_instrument_function", "returns_nonnull",
}  # fmt: skip


def _strip_attributes(text: str) -> str:
    """Remove GNU attributes, which pycparser cannot read; those that may change meaning are refused."""
    for noise in reversed(list(_NOISE.finditer(masked(text)))):
        text = text[: noise.start()] + _NOISE_AS.get(noise[1], "") + text[noise.end() :]
    while match := _ATTRIBUTE.search(masked(text)):
        place = _position(text, match.start())
        if "asm" in match[1]:
            raise UnsupportedError("inline assembly is not supported", location=place)
        end = _closing(text, match.end())
        inner = text[match.end() : end].strip()[1:-1].strip()
        if inner[:1] != "(" or inner[-1:] != ")":
            raise InputError("an attribute needs two parentheses", location=place)
        body = re.sub(r"\([^()]*\)", "", inner[1:-1])
        for word in re.findall(r"\w+", body):
            if word.strip("_") not in _HARMLESS:
                raise UnsupportedError(f"attribute '{word}' is not supported", location=place)
        text = text[: match.start()] + text[end:]
    return text


def _position(text: str, offset: int) -> Location:
    """Find the file position of an offset in preprocessed text, from the nearest #line before it."""
    before = list(re.finditer(r'^#line (\d+) "([^"]*)"', text[:offset], re.MULTILINE))
    last = before[-1] if before else None
    if last is None:
        return Location("source", text.count("\n", 0, offset) + 1)
    return Location(last[2], int(last[1]) + text.count("\n", last.end(), offset) - 1)


def _closing(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if text[i] == ")" and depth == 0:
            return i + 1
        if depth == 0 and not text[i].isspace():
            break
    raise InputError("unbalanced parentheses in an attribute", location=_position(text, start))


def walk(node: Any) -> Iterator[Any]:
    """Return a syntax tree's nodes."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(child for _, child in one.children())


def where(node: Any, file: str) -> Location:
    """Return the position of a syntax tree node."""
    coord = getattr(node, "coord", None)
    if coord is None:
        return Location(file)
    return Location(str(coord.file or file), int(coord.line or 0), int(coord.column or 0))

"""The C preprocessor: pcpp, with its known deviations from the standard mended or refused."""

from __future__ import annotations

import copy
import io
import re
from typing import Any

import pcpp

from checkers.programs.headers import header
from lemmata.errors import InputError, Location, UnsupportedError

_FOLDER = "/lemmata-headers"
_DIRECTIVES = {
    "define",
    "undef",
    "if",
    "ifdef",
    "ifndef",
    "elif",
    "else",
    "endif",
    "line",
    "pragma",
    "warning",
    "include",
}
_PREDEFINED = ("__STDC__ 1", "__STDC_VERSION__ 201710L", "__STDC_HOSTED__ 1")
# Their values depend on where the compiler stands, and the library counts differently.
_PLACES = re.compile(r"\b(__LINE__|__FILE__|__DATE__|__TIME__|__COUNTER__|__INCLUDE_LEVEL__|__PCPP__|__BASE_FILE__)\b")
_CONDITION = re.compile(r"^[ \t]*#[ \t]*(?:el)?if\b(?!def|ndef)([^\n]*)$", re.MULTILINE)
_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)([^\n]*)$", re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.$])\.?\d(?:[eEpP][+-]|[\w.])*")
_PROPER = re.compile(
    r"(?:0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)(?:[uU](?:l|L|ll|LL)?|(?:l|L|ll|LL)[uU]?)?"
    r"|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?[fFlL]?|0[xX][0-9a-fA-F.]+[pP][+-]?\d+[fFlL]?"
)
_QUOTED = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""")
_GLUE_WORD = re.compile(r"[\w$]")
_GLUE_SIGN = frozenset("+-*/%&|^<>=!#:")


class _Preprocessor(pcpp.Preprocessor):  # type: ignore[misc]
    """The library's preprocessor, reporting through our exceptions and reading our headers only."""

    def __init__(self, file: str, int_width: int) -> None:
        super().__init__()
        self.file = file
        self.int_width = int_width
        self.line_directive = "#line"
        self.waiting: Any = None
        self.last = ""
        self.at = 0
        self.add_path(_FOLDER)
        for macro in _PREDEFINED:
            self.define(macro)

    def on_error(self, file: str, line: int, message: str) -> None:
        raise InputError(f"preprocessor: {' '.join(message.split())}", location=Location(file, line))

    def on_file_open(self, is_system_include: bool, includepath: str) -> io.StringIO:
        folder, _, name = includepath.rpartition("/")
        text = header(name, self.int_width) if is_system_include and folder == _FOLDER else None
        if text is None:
            raise OSError(includepath)
        return io.StringIO(text)

    def on_include_not_found(self, is_malformed: bool, is_system_include: bool, curdir: str, includepath: str) -> str:
        raise UnsupportedError(
            f"header '{includepath}' is not known",
            location=Location(self.file, self.at),
            hint="remove the #include, or paste the declarations that are needed",
        )

    def on_directive_handle(self, directive: Any, toks: Any, ifpassthru: bool, precedingtoks: Any) -> Any:
        self.at = directive.lineno
        if directive.value not in _DIRECTIVES:
            # Only where it stands in a group that is not skipped it comes out, and is refused then.
            raise pcpp.OutputDirective(pcpp.Action.IgnoreAndPassThrough)
        return super().on_directive_handle(directive, toks, ifpassthru, precedingtoks)

    def token(self) -> Any:
        """Return the next token, with a space before it where it would grow together with the last one."""
        if self.waiting is not None:
            found, self.waiting = self.waiting, None
            return found
        found = super().token()
        if found is None:
            return None
        before, self.last = self.last, found.value or self.last
        if found.value and before and _grow_together(before, found.value):
            self.waiting = found
            space = copy.copy(found)
            space.type, space.value = self.t_SPACE[0] if isinstance(self.t_SPACE, tuple | list) else self.t_SPACE, " "
            return space
        return found


def _grow_together(left: str, right: str) -> bool:
    a, b = left[-1], right[0]
    if _GLUE_WORD.match(a) and _GLUE_WORD.match(b):
        # The library splits a number from its suffix; in C no number is ever next to a name.
        return not (left[0].isdigit() and not b.isdigit())
    # It splits ^= as well; in C nothing else has these two next to each other.
    return a in _GLUE_SIGN and b in _GLUE_SIGN and (left, right) != ("^", "=")


def preprocess(text: str, file: str, int_width: int) -> str:
    """Run the preprocessor on a text without comments.

    Args:
        text: the source.
        file: its name, for messages and `#line`.
        int_width: bits of `int` for `<limits.h>`.

    Raises:
        InputError: it is not well-formed.
        UnsupportedError: it uses what is refused.
    """
    bare = masked(text)
    if place := _PLACES.search(bare):
        raise UnsupportedError(f"'{place[1]}' is not supported", location=Location.at(file, bare, place.start()))
    if "#" not in text:
        _check_numbers(bare, file)
        return text
    _check_conditions(text, file)
    macros = {m[1] for m in _DEFINE.finditer(text)}
    for match in _NUMBER.finditer(bare):
        # The library would expand the end of such a number as a macro.
        if macros & {match[0][i:] for i in range(1, len(match[0]))}:
            raise UnsupportedError(
                f"the number '{match[0][:40]}', whose end is also a macro, is not supported",
                location=Location.at(file, bare, match.start()),
            )
    processor = _Preprocessor(file, int_width)
    out = io.StringIO()
    try:
        processor.parse(text, file.replace("\\", "/").replace('"', "'").replace("\n", " "))
        processor.write(out)
    except RecursionError:
        raise InputError("macros nested too deeply", location=Location(file)) from None
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - the library fails in many ways on ill-formed directives
        message = " ".join(str(error).split())
        raise InputError(f"preprocessor: {type(error).__name__}: {message}", location=Location(file)) from None
    result = out.getvalue()
    _check_numbers(masked(result), file)
    if left := re.search(r"^[ \t]*#[ \t]*(?!line\b|pragma\b)([^\n]*)$", result, re.MULTILINE):
        raise UnsupportedError(f"preprocessor directive '#{left[1][:60]}'", location=Location(file))
    return result


def masked(text: str) -> str:
    """Blank the contents of strings and character constants, keeping all positions."""
    return _QUOTED.sub(lambda m: m[0][0] + " " * (len(m[0]) - 2) + m[0][-1], text)


def _check_numbers(bare: str, file: str) -> None:
    for match in _NUMBER.finditer(bare):
        if not _PROPER.fullmatch(match[0]):
            raise InputError(f"invalid number '{match[0][:40]}'", location=Location(file))


def _check_conditions(text: str, file: str) -> None:
    """Refuse in `#if` what the library computes otherwise than C does: `/ % ?:`, characters, unsigned numbers."""
    bodies: dict[str, list[str]] = {}
    for match in _DEFINE.finditer(text):
        bodies.setdefault(match[1], []).append(match[2])
    for match in _CONDITION.finditer(text):
        seen: set[str] = set()
        waiting = [match[1]]
        while waiting:
            part = waiting.pop()
            if found := re.search(r"[/%?:']|\b\d\w*[uU]\w*", part):
                raise UnsupportedError(
                    f"'{found[0]}' in #if is not supported", location=Location.at(file, text, match.start())
                )
            for name in re.findall(r"[A-Za-z_]\w*", part):
                if name not in seen:
                    seen.add(name)
                    waiting += bodies.get(name, [])


_DEFINITION = re.compile(
    r"^[ \t]*#[ \t]*(define|undef|if|ifdef|ifndef|endif)\b[ \t]*([A-Za-z_]\w*)?(\(?)([^\n]*)$", re.MULTILINE
)
_WORD = re.compile(r"(?<![\\\w])[A-Za-z_]\w*")


def expand_constants(annotation: str, line: int, text: str, file: str) -> str:
    """Expand the file's constants in an annotation.

    Only a macro without parameters that is defined once, before the annotation and under no condition, means the
    same everywhere; all others are refused there.

    Args:
        annotation: the ACSL text.
        line: where it begins.
        text: the source without comments.
        file: its name, for messages.
    """
    plain: dict[str, str] = {}
    doubtful: set[str] = set()
    depth = 0
    for match in _DEFINITION.finditer(text):
        kind, name, parenthesis, body = match.groups()
        if kind.startswith("if"):
            depth += 1
        elif kind == "endif":
            depth -= 1
        elif name:
            late = text.count("\n", 0, match.start()) + 1 >= line
            if kind == "undef" or parenthesis or depth or late or name in plain:
                doubtful.add(name)
            plain[name] = body.strip()

    def replace(match: re.Match[str]) -> str:
        name = match[0]
        if name in doubtful:
            raise UnsupportedError(
                f"the macro '{name}' in an annotation is not supported",
                location=Location(file, line),
                hint="only constants that are defined once, before it and under no condition, are",
            )
        return f"({plain[name]})" if name in plain else name

    for _ in range(8):
        after = _WORD.sub(replace, annotation)
        if after == annotation:
            return annotation
        if len(after) > 100_000:
            break
        annotation = after
    raise UnsupportedError("macros nested this deeply in an annotation", location=Location(file, line))

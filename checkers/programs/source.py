"""From C text to a syntax tree: annotations are kept, the preprocessor is run, positions stay those of the file."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import pcpp
from pycparser import c_parser

from lemmata.errors import InputError, Location, UnsupportedError

PRAGMA = "lemmata_annotation"

# What the usual headers define, as far as integer programs need it; every other header is refused by name.
_HEADERS: dict[str, tuple[str, str]] = {
    "assert.h": ("", ""),
    "stdlib.h": ("#define EXIT_SUCCESS 0\n#define EXIT_FAILURE 1\n", "typedef unsigned long size_t;"),
    "stdio.h": ("", "typedef unsigned long size_t;"),
    "stddef.h": ("", "typedef unsigned long size_t; typedef long ptrdiff_t;"),
    "stdbool.h": ("#define bool _Bool\n#define true 1\n#define false 0\n", ""),
    "limits.h": (
        "#define CHAR_BIT 8\n#define SCHAR_MIN (-128)\n#define SCHAR_MAX 127\n#define UCHAR_MAX 255\n"
        "#define CHAR_MIN (-128)\n#define CHAR_MAX 127\n#define SHRT_MIN (-32768)\n#define SHRT_MAX 32767\n"
        "#define USHRT_MAX 65535\n#define INT_MAX @INT_MAX@\n#define INT_MIN (-INT_MAX - 1)\n"
        "#define UINT_MAX @UINT_MAX@\n#define LONG_MAX 9223372036854775807L\n#define LONG_MIN (-LONG_MAX - 1L)\n"
        "#define ULONG_MAX 18446744073709551615UL\n#define LLONG_MAX 9223372036854775807LL\n"
        "#define LLONG_MIN (-LLONG_MAX - 1LL)\n#define ULLONG_MAX 18446744073709551615ULL\n",
        "",
    ),
    "stdint.h": (
        "#define INT32_MAX 2147483647\n#define INT32_MIN (-INT32_MAX - 1)\n#define UINT32_MAX 4294967295U\n",
        "typedef signed char int8_t; typedef unsigned char uint8_t; typedef short int16_t;"
        "typedef unsigned short uint16_t; typedef int int32_t; typedef unsigned int uint32_t;"
        "typedef long int64_t; typedef unsigned long uint64_t;",
    ),
    "string.h": ("", ""),
    "math.h": ("", ""),
}
_HEADERS["inttypes.h"] = _HEADERS["stdint.h"]


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
    if "\0" in text or "\ufffd" in text:
        raise InputError("not a C text file (it holds binary data)", location=Location(file))
    if not text.strip():
        raise InputError("the file is empty", location=Location(file), hint="nothing to prove")
    if PRAGMA in text:
        raise InputError(f"the name '{PRAGMA}' is reserved", location=Location(file))
    marked, annotations = _mark_annotations(_splice(text), file)
    prepared = _strip_attributes(_preprocess(marked, file, int_width or 32))
    try:
        tree = c_parser.CParser().parse(prepared, file)
    except c_parser.ParseError as error:
        raise _parse_error(str(error), file) from None
    except RecursionError:
        raise InputError("nested too deeply to parse", location=Location(file), hint="simplify it") from None
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # pycparser fails in these ways on some ill-formed declarations.
        raise InputError(f"syntax error ({error})", location=Location(file)) from None
    return Source(file, tree, tuple(_expanded(a, text, file) for a in annotations))


_DEFINITION = re.compile(r"^[ \t]*#[ \t]*(define|undef)[ \t]+([A-Za-z_]\w*)(\(?)([^\n]*)$", re.MULTILINE)
_WORD = re.compile(r"(?<![\\\w])[A-Za-z_]\w*")


def _expanded(annotation: Annotation, text: str, file: str) -> Annotation:
    """Expand the file's constants in an annotation; a macro whose meaning depends on the place is refused."""
    macros: dict[str, list[tuple[str, str, str]]] = {}
    for match in _DEFINITION.finditer(_splice(text)):
        macros.setdefault(match[2], []).append((match[1], match[3], re.sub(r"/\*.*?\*/|//.*", " ", match[4]).strip()))

    def replace(match: re.Match[str]) -> str:
        known = macros.get(match[0])
        if known is None:
            return match[0]
        kind, parenthesis, body = known[0]
        if len(known) > 1 or kind != "define" or parenthesis:
            raise UnsupportedError(
                f"the macro '{match[0]}' in an annotation is not supported",
                location=Location(file, annotation.line, annotation.column),
                hint="only constants that are defined once are",
            )
        return f"({body})"

    # Each round can grow the text; constants are rarely defined by more than a few others.
    body = annotation.text
    for _ in range(8):
        after = _WORD.sub(replace, body)
        if after == body or len(after) > 100_000:
            break
        body = after
    return Annotation(body, annotation.line, annotation.column)


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


_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|/\*""",
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
        breaks = "\n" * token.count("\n")
        if not token.startswith(("//@", "/*@")):
            return breaks or " "
        body = token[3:] if token.startswith("//") else token[3:-2].rstrip("@")
        found.append(Annotation(re.sub(r"\n([ \t]*)@", r"\n\1 ", body), line, column))
        return f' _Pragma("{PRAGMA} {len(found) - 1}") {breaks}'

    return _TOKEN.sub(mark, text), found


class _Preprocessor(pcpp.Preprocessor):  # type: ignore[misc]
    """The library's preprocessor, reporting through our exceptions."""

    def on_error(self, file: str, line: int, message: str) -> None:
        raise InputError(f"preprocessor: {message}", location=Location(file, line))

    def on_include_not_found(self, *_: object) -> str:
        raise pcpp.OutputDirective(pcpp.Action.IgnoreAndRemove)

    def on_directive_handle(self, directive: Any, toks: Any, ifpassthru: bool, precedingtoks: Any) -> Any:
        if directive.value == "error":
            message = "".join(t.value for t in toks).strip()
            raise InputError(f"#error {message}", location=Location(self.file_name, directive.lineno))
        if directive.value not in _DIRECTIVES:
            raise UnsupportedError(
                f"preprocessor directive '#{directive.value}' is not supported",
                location=Location(self.file_name, directive.lineno),
            )
        return super().on_directive_handle(directive, toks, ifpassthru, precedingtoks)

    file_name = ""


_DIRECTIVES = {"define", "undef", "if", "ifdef", "ifndef", "elif", "else", "endif", "line", "pragma", "warning"}
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b[ \t]*(?:<([^>\n]*)>|\"([^\"\n]*)\"|([^\n]*))[^\n]*$", re.MULTILINE)


def _preprocess(text: str, file: str, int_width: int) -> str:
    if "#" not in text:
        return text
    macros: list[str] = []
    typedefs: dict[str, None] = {}

    def include(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[3]
        known = _HEADERS.get(name) if match[1] else None
        if known is None:
            line = text.count("\n", 0, match.start()) + 1
            raise UnsupportedError(
                f"header '{name}' is not known",
                location=Location(file, line),
                hint="remove the #include, or paste the declarations that are needed",
            )
        macros.append(known[0])
        typedefs.update(dict.fromkeys(t.strip() for t in known[1].split(";") if t.strip()))
        return ""

    text = _INCLUDE.sub(include, text)
    largest = (1 << (int_width - 1)) - 1
    suffix = "" if int_width == 32 else "L"
    head = "".join(macros).replace("@INT_MAX@", f"{largest}{suffix}")
    head = head.replace("@UINT_MAX@", f"{2 * largest + 1}U{suffix}")
    body = f'{head}{"; ".join(typedefs)}{";" if typedefs else ""}\n#line 1 "{_quoted(file)}"\n{text}'
    processor = _Preprocessor()
    processor.file_name = file
    processor.line_directive = "#line"
    out = io.StringIO()
    try:
        processor.parse(body, "lemmata-headers")
        processor.write(out)
    except RecursionError:
        raise InputError("macros nested too deeply", location=Location(file)) from None
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - the library fails in many ways on ill-formed directives
        raise InputError(f"preprocessor: {type(error).__name__}: {error}", location=Location(file)) from None
    return out.getvalue()


def _quoted(file: str) -> str:
    return file.replace("\\", "/").replace('"', "'").replace("\n", " ")


_NOISE = re.compile(r"\b(__extension__|__inline__|__inline|__volatile__|__restrict__|__restrict|__const)\b")
_NOISE_AS = {"__inline__": "inline", "__inline": "inline", "__restrict__": "restrict", "__restrict": "restrict"}
_ATTRIBUTE = re.compile(r"\b(__attribute__|__attribute|__asm__|asm|__asm)\b")


def _strip_attributes(text: str) -> str:
    """Remove GNU attributes, which pycparser cannot read; those that change meaning are refused."""
    text = _NOISE.sub(lambda m: _NOISE_AS.get(m[1], ""), text)
    while match := _ATTRIBUTE.search(text):
        if "asm" in match[1]:
            raise UnsupportedError("inline assembly is not supported", location=_position(text, match.start()))
        end = _closing(text, match.end())
        body = text[match.end() : end]
        if meaning := re.search(r"\b(vector_size|mode|packed|cleanup|alias|constructor|destructor)\b", body):
            raise UnsupportedError(
                f"attribute '{meaning[1]}' is not supported", location=_position(text, match.start())
            )
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


def where(node: Any, file: str) -> Location:
    """Return the position of a syntax tree node."""
    coord = getattr(node, "coord", None)
    if coord is None:
        return Location(file)
    return Location(str(coord.file or file), int(coord.line or 0), int(coord.column or 0))

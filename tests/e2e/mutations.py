"""Ways to damage the text of a C program, for the fuzz test."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes], bytes]

LARGEST = 300_000
_TOKEN = re.compile(rb"\s+|\w+|//[^\n]*|[^\w\s]")
_NUMBER = re.compile(rb"\b\d+\b")


def _place(random: Random, text: bytes) -> int:
    return random.randrange(len(text) + 1)


def _insert(random: Random, text: bytes, piece: bytes) -> bytes:
    at = _place(random, text)
    return text[:at] + piece + text[at:]


def _insert_line(random: Random, text: bytes, line: bytes) -> bytes:
    lines = text.split(b"\n")
    lines.insert(random.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def flip_bytes(random: Random, text: bytes) -> bytes:
    changed = bytearray(text)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def delete_tokens(random: Random, text: bytes) -> bytes:
    tokens = _TOKEN.findall(text)
    for _ in range(random.randint(1, 3)):
        if tokens:
            del tokens[random.randrange(len(tokens))]
    return b"".join(tokens)


def duplicate_token(random: Random, text: bytes) -> bytes:
    tokens = _TOKEN.findall(text)
    if tokens:
        at = random.randrange(len(tokens))
        tokens[at:at] = [tokens[at]] * random.choice([1, 1, 2, 50])
    return b"".join(tokens)


def swap_tokens(random: Random, text: bytes) -> bytes:
    tokens = _TOKEN.findall(text)
    solid = [i for i, token in enumerate(tokens) if token.strip()]
    if len(solid) > 1:
        a, b = random.sample(solid, 2)
        tokens[a], tokens[b] = tokens[b], tokens[a]
    return b"".join(tokens)


def truncate(random: Random, text: bytes) -> bytes:
    return text[: _place(random, text)]


def nest(random: Random, text: bytes) -> bytes:
    """Nest parentheses, blocks, conditionals, loops or operators some hundred or thousand times."""
    depth = random.choice([20, 300, 5000])
    opening, middle, closing = random.choice(
        [
            (b"(", b"1", b")"),
            (b"{", b"", b"}"),
            (b"if (1) ", b";", b""),
            (b"while (0) {", b"", b"}"),
            (b"- ", b"1", b""),
            (b"1 ? ", b"1", b" : 0"),
            (b"for (;0;) ", b";", b""),
            (b"1 + ", b"1", b""),
            (b"a[", b"0", b"]"),
        ]
    )
    nested = opening * depth + middle + closing * depth
    numbers = list(_NUMBER.finditer(text))
    if middle in (b"1", b"0") and numbers:
        chosen = random.choice(numbers)
        return text[: chosen.start()] + nested + text[chosen.end() :]
    return text.replace(b"{", b"{ " + nested, 1)


def null_bytes(random: Random, text: bytes) -> bytes:
    return _insert(random, text, b"\0" * random.choice([1, 3, 1000]))


def long_line(random: Random, text: bytes) -> bytes:
    piece = random.choice([b" ", b"x", b"// ", b"1+", b"\\\n", b'"', b"; "])
    return _insert(random, text, piece * random.choice([3000, 100_000]))


def unicode_text(random: Random, text: bytes) -> bytes:
    choice = random.choice([(0x80, 0x800), (0x2000, 0x2070), (0x1F300, 0x1F600), (0x600, 0x700), (0xFE00, 0xFEFF)])
    piece = "".join(chr(random.randint(*choice)) for _ in range(random.randint(1, 8))).encode()
    broken = [b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", piece, piece]
    return _insert(random, text, random.choice(broken))


def unterminated(random: Random, text: bytes) -> bytes:
    return _insert(
        random, text, random.choice([b"/*", b'"', b"'", b"/*@ requires ", b"//@ assert ", b"#if 1\n", b"\\"])
    )


def directive(random: Random, text: bytes) -> bytes:
    """Insert a preprocessor line: recursive, self-including, malformed or growing exponentially."""
    growing = b"\n".join(b"#define G%d G%d G%d" % (i, i + 1, i + 1) for i in range(random.choice([4, 24])))
    lines = [
        b"#define x x",
        b"#define assert(e) assert(assert(e))",
        b"#define A B\n#define B A\nint A;",
        b"#define F(a) F(F(a))\nint f = F(1);",
        b"#define int",
        b"#define while if",
        b"#define assert(e)",
        growing + b"\nint g = G0;",
        b'#include "fuzz.c"',
        b'#include "/etc/passwd"',
        b"#include <no/such/header.h>",
        b"#include __FILE__",
        b"#if (1 / 0)\n#endif",
        b"#if 1 +\n#endif",
        b"#else",
        b"#endif",
        b"#error stop",
        b"#define",
        b"#define H(",
        b"#undef",
        b'#line 0 "x"',
        b'# 1000000000 "elsewhere.c"',
        b"#pragma pack(1)",
        b'_Pragma("once")',
    ]
    return _insert_line(random, text, random.choice(lines))


def giant_number(random: Random, text: bytes) -> bytes:
    numbers = list(_NUMBER.finditer(text))
    giant = random.choice(
        [
            b"9" * 30,
            b"9" * 5000,
            b"0x" + b"f" * 400,
            b"0" + b"7" * 200,
            b"1e400",
            b"1.5",
            b"08",
            b"0x",
            b"1uuu",
            b"'ab'",
        ]
    )
    if not numbers:
        return _insert(random, text, giant)
    chosen = random.choice(numbers)
    return text[: chosen.start()] + giant + text[chosen.end() :]


def replace_token(random: Random, text: bytes) -> bytes:
    """Put a keyword or operator of C where another token was."""
    tokens = _TOKEN.findall(text)
    solid = [i for i, token in enumerate(tokens) if token.strip()]
    words = (
        "goto struct union float double * & -> . ... sizeof _Generic _Static_assert typedef extern static volatile "
        "main assert assume return break continue case default void [ ] { } ( ) ; , ? : = == << >>= %: ??( <: \\forall "
        "\\result __attribute__ __builtin_expect asm inline restrict _Atomic _Bool unsigned long x 0 -1"
    )
    if solid:
        tokens[random.choice(solid)] = random.choice(words.split()).encode()
    return b"".join(tokens)


def annotation(random: Random, text: bytes) -> bytes:
    lines = [
        b"/*@ loop invariant ; */",
        b"/*@ requires \\forall integer i; ; ensures \\result == ; */",
        b"//@ assert \\forall integer i; i > 0 ==> ;",
        b"//@ assert (((;",
        b"/*@ loop invariant \\old(x) == \\at(x, Pre); loop variant x; */",
        b"//@ ghost int z = 1;",
        b"/*@ predicate p(integer n) = p(n + 1); */",
        b"//@ assert x = 1;",
        b"//@ assert 1/0 == 1;",
        b"/*@",
        b"//@",
    ]
    return _insert_line(random, text, random.choice(lines))


def repeat(random: Random, text: bytes) -> bytes:
    return text * random.choice([2, 3, 40])


def line_ends(random: Random, text: bytes) -> bytes:
    return text.replace(b"\n", random.choice([b"\r\n", b"\r", b"\x0b", b"\\\n"]))


MUTATIONS: tuple[Mutation, ...] = (
    *(flip_bytes, delete_tokens, duplicate_token, swap_tokens, replace_token) * 2,
    truncate,
    nest,
    null_bytes,
    long_line,
    unicode_text,
    unterminated,
    directive,
    giant_number,
    annotation,
    repeat,
    line_ends,
)


def mutate(random: Random, text: bytes) -> bytes:
    """Apply one to three random mutations."""
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        if len(text) < LARGEST:
            text = random.choice(MUTATIONS)(random, text)
    return text

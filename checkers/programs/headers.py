"""What the usual standard headers define, as far as integer programs need it."""

from __future__ import annotations

_SIZES = "typedef unsigned long size_t;\n"


def _limits(int_width: int) -> str:
    largest = (1 << (int_width - 1)) - 1
    suffix = "" if int_width == 32 else "L"
    return f"""\
#define CHAR_BIT 8
#define SCHAR_MIN (-128)
#define SCHAR_MAX 127
#define UCHAR_MAX 255
#define CHAR_MIN (-128)
#define CHAR_MAX 127
#define SHRT_MIN (-32768)
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MAX {largest}{suffix}
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX {2 * largest + 1}U{suffix}
#define LONG_MAX 9223372036854775807L
#define LONG_MIN (-LONG_MAX - 1L)
#define ULONG_MAX 18446744073709551615UL
#define LLONG_MAX 9223372036854775807LL
#define LLONG_MIN (-LLONG_MAX - 1LL)
#define ULLONG_MAX 18446744073709551615ULL
"""


_INT32 = "typedef int int32_t;\ntypedef unsigned int uint32_t;\n"

_STDINT = """\
#define INT8_MAX 127
#define INT8_MIN (-128)
#define UINT8_MAX 255
#define INT16_MAX 32767
#define INT16_MIN (-32768)
#define UINT16_MAX 65535
#define INT32_MAX 2147483647
#define INT32_MIN (-INT32_MAX - 1)
#define UINT32_MAX 4294967295U
#define INT64_MAX 9223372036854775807L
#define INT64_MIN (-INT64_MAX - 1L)
#define UINT64_MAX 18446744073709551615UL
typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long int64_t;
typedef unsigned long uint64_t;
"""

_FIXED = {
    # assert is a name known to the translation; NDEBUG makes it a macro that does nothing (C11 7.2).
    "assert.h": "#undef assert\n#ifdef NDEBUG\n#define assert(ignore) ((void)0)\n#endif\n",
    "stdlib.h": f"#define EXIT_SUCCESS 0\n#define EXIT_FAILURE 1\n{_SIZES}",
    "stdio.h": _SIZES,
    "stddef.h": f"{_SIZES}typedef long ptrdiff_t;\n",
    "stdbool.h": "#define bool _Bool\n#define true 1\n#define false 0\n#define __bool_true_false_are_defined 1\n",
    "string.h": _SIZES,
    "math.h": "",
}


def header(name: str, int_width: int) -> str | None:
    """Return the text of a standard header, None where it is not known.

    Args:
        name: as between the angle brackets.
        int_width: bits of `int`, 32 or 64.
    """
    if name == "limits.h":
        text = _limits(int_width)
    elif name in ("stdint.h", "inttypes.h"):
        # With 64-bit int there is no type of 32 bits: its names stay undeclared.
        text = _STDINT if int_width == 32 else _STDINT.replace(_INT32, "")
    elif name in _FIXED:
        text = _FIXED[name]
    else:
        return None
    if name == "assert.h":
        return text
    guard = "LEMMATA_" + name.upper().replace(".", "_")
    return f"#ifndef {guard}\n#define {guard}\n{text}#endif\n"

"""Names that a script may not declare: reserved words, and the functions and sorts of the theories.

A script that gives `>` or `and` a meaning of its own reads as one statement to a person and as another to a solver.
"""

from __future__ import annotations

import re

_WORDS = [
    "!", "_", "as", "let", "exists", "forall", "match", "par", "lambda", "choice", "BINARY", "DECIMAL",
    "HEXADECIMAL", "NUMERAL", "STRING", "true", "false", "not", "and", "or", "xor", "=>", "=", "==", "distinct",
    "ite", "implies", "iff", "if", "Bool", "Int", "Real", "String", "RegLan", "RoundingMode", "Float16",
    "Float32", "Float64", "Float128", "Array", "BitVec", "FloatingPoint", "+", "-", "*", "/", "div", "mod", "rem",
    "abs", "<", "<=", ">", ">=", "to_real", "to_int", "is_int", "divisible", "select", "store", "concat",
    "extract", "repeat", "zero_extend", "sign_extend", "rotate_left", "rotate_right", "int2bv", "bv2int",
    "bv2nat", "nat2bv", "ubv_to_int", "sbv_to_int", "int_to_bv", "fp", "RNE", "RNA", "RTP", "RTN", "RTZ",
    "roundNearestTiesToEven", "roundNearestTiesToAway", "roundTowardPositive", "roundTowardNegative",
    "roundTowardZero", "to_fp", "to_fp_unsigned", "to_fp_bv", "+oo", "-oo", "+zero", "-zero", "NaN",
]  # fmt: skip
_FAMILIES = re.compile(r"(?:fp|str|re|seq|set|bag|rel|ff|tuple|sep|char|array)\..*")
# Only names that the theory could own: `bvalue` is a fine name for a variable.
_BV = re.compile(
    r"bv(?:[0-9]+|not|neg|and|or|xor|nand|nor|xnor|comp|add|sub|mul|udiv|urem|sdiv|srem|smod|shl|lshr|ashr|redor"
    r"|redand|nego|[us](?:lt|le|gt|ge)|[us](?:add|sub|mul|div)o|[us]mul_no[uv]fl|[us]?(?:add|sub|mul)_no[a-z]*|ite)"
)
RESERVED = frozenset(_WORDS)
"""Names that only one solver knows (`union`, `List`, `pi`) are left out: scripts declare them and mean their own."""


def reserved(name: str) -> bool:
    """Say whether a theory or the language owns a name."""
    return name in RESERVED or bool(_BV.fullmatch(name)) or bool(_FAMILIES.fullmatch(name))

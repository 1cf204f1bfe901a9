"""F*'s options: those that a proof may be checked under, and those in force at a place of a file.

Names and meanings are those of `fstar.exe --help` (FStarLang/FStar, `src/basic/FStarC.Options.fst`). What is not known
to be harmless is refused: `--admit_smt_queries`, `--admit_except` and `--lax` take everything for granted,
`--use_hint_hashes` believes a file, `--z3smtopt` adds any text to every query, `--smt` and `--load` run other programs.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence

from checkers.fstar.declarations import Declaration, Source

_NUMBER = re.compile(r"\d{1,9}")
_FUEL = re.compile(r"\d{1,6}(,\d{1,6})?")
_BOOLEAN = re.compile("true|false")
_ANY = re.compile(r"[^\0]*")
_FACTS = re.compile(r"[\w.,'*+\- ]*")
_EXTENSIONS = re.compile(r"(?:optimize_let_vc|fly_deps|context_pruning)(?:=(?:true|false|0|1))?")
_Z3_SETTING = re.compile(r"(?:smt|sat|nlsat|rewriter)\.[a-z_.]+=[a-z0-9.]+")
_SMT2_SETTING = re.compile(r"\(set-option :(?:smt|sat|nlsat|rewriter)\.[a-z_.]+ [a-z0-9.]+\)")

_OPERANDS: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(
        ("initial_fuel", "max_fuel", "initial_ifuel", "max_ifuel", "z3rlimit", "z3rlimit_factor", "z3seed"), _NUMBER
    ),
    **dict.fromkeys(("fuel", "ifuel"), _FUEL),
    "retry": _NUMBER,
    "quake": re.compile(r"\d{1,4}(/\d{1,4})?(/k)?"),
    "z3version": re.compile(r"[0-9]+(\.[0-9]+)*"),
    "z3cliopt": _Z3_SETTING,
    "z3smtopt": _SMT2_SETTING,
    "ext": _EXTENSIONS,
    "admit_smt_queries": re.compile("false"),
    "smtencoding.elim_box": _BOOLEAN,
    "smtencoding.nl_arith_repr": re.compile("native|wrapped|boxwrap"),
    "smtencoding.l_arith_repr": re.compile("native|boxwrap"),
    "smtencoding.valid_intro": _BOOLEAN,
    "smtencoding.valid_elim": _BOOLEAN,
    "split_queries": re.compile("no|on_failure|always"),
    "using_facts_from": _FACTS,
    "report_assumes": re.compile("warn|error"),
    "error_contexts": _BOOLEAN,
    "keep_query_captions": _BOOLEAN,
    "tactic_trace_d": _NUMBER,
    "debug": re.compile(r"[\w.,:]*"),
    "profile": _FACTS,
    "profile_component": _FACTS,
    "already_cached": _FACTS,
    "include": _ANY,
    "warn_error": re.compile(r"(?:[-+@][0-9.]+)+"),
}
_FLAGS = frozenset(
    """
    z3refresh detail_errors detail_hint_replay hint_info query_stats use_hints silent ugly print_bound_var_types
    print_effect_args print_full_names print_implicits print_universes print_z3_statistics prn timing trace_error
    unthrottle_inductives log_types log_queries log_failing_queries hide_uvar_nums tactics_info tactic_trace
    no_plugins profile_group_by_decl warn_default_effects ide_id_info_off no_smt no_location_info
    """.split()
)
_DROPPED = {
    **dict.fromkeys(("cache_checked_modules", "record_hints", "record_options", "cmi", "force", "cache_off"), 0),
    **dict.fromkeys(
        """
        cache_dir odir hint_dir hint_file codegen codegen-lib extract extract_module extract_namespace no_extract
        krmloutput dep output_deps_to message_format
        """.split(),
        1,
    ),
}
"""Options about what is written where, with the number of their operands: nothing is written here."""

_HARMLESS = frozenset(
    {
        *range(241, 272), *range(273, 276), *range(277, 286), 288, *range(290, 295), 302, 304, 305, 307, 318, 319, 321,
        323, 324, 328, 330, 331, 333, 336, 337, 340, 344, 345, *range(348, 353), 355, 356, 359, 361,
    }
)  # fmt: skip
"""Numbers of warnings that say nothing of whether a proof holds, by `src/basic/FStarC.Errors.Codes.fst`."""


def words(arguments: Sequence[str]) -> tuple[list[str], str]:
    """Take the options apart that a project, or a pragma, gives.

    Args:
        arguments: as on a command line.

    Returns:
        Those that are to be passed on, and what is wrong with one of them, empty where nothing is.
    """
    kept: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, mark, given = word.removeprefix("--").partition("=")
        if not word.startswith("--") or mark:
            return kept, f"the option {word} is not {'separated from its operand' if given else 'known'}"
        if name in _DROPPED:
            del rest[: _DROPPED[name]]
            continue
        if name in _FLAGS:
            kept.append(word)
            continue
        pattern = _OPERANDS.get(name)
        if pattern is None or not rest:
            return kept, f"the option {word} is not allowed"
        operand = rest.pop(0)
        if not pattern.fullmatch(operand) or (name == "warn_error" and not _harmless(operand)):
            return kept, f"the option {word} {operand} is not allowed"
        kept += [word, operand]
    return kept, ""


def _harmless(operand: str) -> bool:
    """Say whether a list of warnings silences, or turns into warnings, only what may be."""
    for sign, first, last in re.findall(r"([-+@])(\d+)(?:\.\.(\d+))?", operand):
        span = range(int(first), min(int(last or first), 10_000) + 1)
        if sign != "@" and not all(number in _HARMLESS for number in span):
            return False
    return "".join(re.findall(r"[-+@]\d+(?:\.\.\d+)?", operand)) == operand


def problem(source: Source, end: int | None = None) -> str:
    """Return what is wrong with the options that a file sets up to an offset, empty where nothing is."""
    for declaration in source.declarations:
        if end is not None and source.start(declaration) >= end:
            break
        if declaration.kind != "pragma":
            continue
        pragma = source.tokens[declaration.keyword].text
        given = pragma_options(source, declaration)
        if given is None:
            return f"the options of `{pragma}` cannot be read"
        _, wrong = words(given)
        if wrong:
            return f"`{pragma}`: {wrong}"
    return ""


def pragma_options(source: Source, declaration: Declaration) -> list[str] | None:
    """Return the options that a pragma sets; None where they cannot be read."""
    pragma = source.tokens[declaration.keyword].text
    if not pragma.endswith("-options") or declaration.last - declaration.keyword < 2:
        return []
    text = source.tokens[declaration.keyword + 1].text[1:-1]
    if "\\" in text:
        return None
    try:
        return shlex.split(text)
    except ValueError:
        return None


def in_force(source: Source, end: int) -> list[list[str]]:
    """Return the options that pragmas have set at an offset, in the order of setting; each entry is one pragma's."""
    stack: list[list[list[str]]] = [[]]
    for declaration in source.declarations:
        if source.start(declaration) >= end:
            break
        if declaration.kind != "pragma":
            continue
        given = pragma_options(source, declaration) or []
        match source.tokens[declaration.keyword].text:
            case "#push-options":
                stack.append([*stack[-1], given])
            case "#pop-options":
                if len(stack) > 1:
                    stack.pop()
            case "#set-options":
                stack[-1] = [*stack[-1], given]
            case "#reset-options":
                stack[-1] = [given]
    return [entry for entry in stack[-1] if entry]


def as_pragmas(entries: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write options as pragmas, one line each."""
    for entry in entries:
        text = " ".join(f"'{word}'" if re.search(r"[\s()]", word) else word for word in entry)
        yield f"#set-options {json.dumps(text, ensure_ascii=False)}"

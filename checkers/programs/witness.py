"""Witnesses of SV-COMP, format version 2.0: what other verifiers read of a proof or a counterexample.

Ayaziova, Beyer, Lingsch-Rosenfeld, Spiessl, Strejcek: Software Verification Witnesses 2.0 (SPIN 2024); the schemas are
at https://gitlab.com/sosy-lab/benchmarking/sv-witnesses. The same verdict always gives the same bytes: the identifier
is made of the content, and the time of creation, which the certificate tells, is that of the epoch.
"""

from __future__ import annotations

import importlib.metadata
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pycparser import c_ast

from checkers.auditing import sha256
from checkers.programs.annotated import Shown, same_loops
from checkers.programs.builder import Scalar
from checkers.programs.cexpression import c_expression
from checkers.programs.execute import Execution, Interpreter
from checkers.programs.flow import Havoc
from checkers.programs.places import Places
from checkers.programs.types import IntType
from checkers.programs.unit import Loaded
from lemmata.errors import InputError
from lemmata.logic.ctext import ctext
from lemmata.logic.evaluate import ArrayValue
from lemmata.logic.parse import parse
from lemmata.logic.transition import Cut

_CREATED = "1970-01-01T00:00:00Z"
_PROPERTIES = (
    (re.compile(r"undefined behaviour: signed overflow"), "G ! overflow"),
    (re.compile(r"undefined behaviour: index out of"), "G valid-deref"),
    (re.compile(r"(?!undefined behaviour)"), "G ! call(reach_error())"),
)
_LONGEST = 20_000


class NoWitness(Exception):
    """The format has no witness of this counterexample; the message says why."""


def correctness_witness(file: str, text: str, loaded: Loaded, clauses: Shown) -> str:
    """Write the invariants of a proof, as far as C can express them; each of them holds by itself.

    Args:
        file: the name of the C file.
        text: its content.
        loaded: the program, with `int` of 32 bits or mathematical integers: no data model has 64.
        clauses: the invariants.
    """
    places = Places(text, loaded.unit)
    invariants = []
    for place, cuts in same_loops(loaded.system).items():
        position = places.loop(*place) if cuts[0].kind == "loop" else None
        value = _invariant(loaded, cuts, clauses)
        if position is not None and value:
            kind, line, column = position
            where = _location(file, places, line, column)
            invariants.append({
                "invariant": {"type": kind, "location": where, "value": value, "format": "c_expression"}
            })  # fmt: skip
    return _entry("invariant_set", file, text, loaded, "G ! call(reach_error())", invariants)


def _invariant(loaded: Loaded, cuts: Sequence[Cut], clauses: Shown) -> str:
    """Return what C can say of all the loops at one place, empty where that is nothing."""
    texts = []
    for cut in cuts:
        own = [_expression(loaded, cut, clause, language) for clause, language in clauses.get(cut.name, ())]
        said = list(dict.fromkeys(text for text in own if text))
        if not said:
            return ""
        texts.append(said[0] if len(said) == 1 else " && ".join(f"({text})" for text in said))
    each = list(dict.fromkeys(texts))
    return each[0] if len(each) == 1 else " || ".join(f"({text})" for text in each)


def _expression(loaded: Loaded, cut: Cut, clause: str, language: str) -> str | None:
    sorts = {variable.name: variable.sort for variable in cut.variables}
    visible = loaded.visible[cut.name]
    written = {name: text for text, name in visible.items()}
    if language == "smtlib":
        try:
            said = ctext(parse(clause, sorts), {name: written.get(name, "") for name in sorts})
        except InputError:
            return None
    else:
        said = clause
    # A clause may use a name that only the checker knows; what is written anew has the programmer's.
    own = sorts if language == "c" else {}

    def lookup(name: str) -> tuple[str, IntType] | None:
        variable = name if name in own else visible.get(name, name)
        symbol = loaded.program.variables.get(variable)
        return (written[variable], symbol.type) if variable in written and isinstance(symbol, Scalar) else None

    text = c_expression(said, lookup) if said else None
    return text if text is not None and len(text) <= _LONGEST else None


def violation_witness(file: str, text: str, loaded: Loaded, run: Execution) -> str:
    """Write a failing run: what it chooses, and where it fails.

    Args:
        file: the name of the C file.
        text: its content.
        loaded: the program with machine integers, `int` having 32 bits.
        run: an exact run of it that fails.

    Raises:
        NoWitness: the format cannot express the failure.
    """
    assert run.location is not None
    places = Places(text, loaded.unit)
    asked = next((words for pattern, words in _PROPERTIES if pattern.match(run.message)), None)
    if asked is None:
        raise NoWitness(f"SV-COMP has no property for '{run.message}'")
    line, column = run.location.line, run.location.column
    if asked.endswith("reach_error())"):
        called = places.call(line, column)
        found = places.find(line, column, rf"{re.escape(called)}\s*\(") if called else None
        if called is None:
            raise NoWitness("other verifiers do not read the annotation that fails")
        target = _location(file, places, line, found.start() + 1 if found else 0, column)
    else:
        # The first expression of the line: the parser says only to which statement it belongs.
        target = _location(file, places, line, 0, column)
    waypoints = [*_choices(file, places, loaded, run), {"type": "target", "action": "follow", "location": target}]
    segments = [{"segment": [{"waypoint": waypoint}]} for waypoint in waypoints]
    return _entry("violation_sequence", file, text, loaded, asked, segments)


def _choices(file: str, places: Places, loaded: Loaded, run: Execution) -> list[dict[str, Any]]:
    """Return the waypoints that pin down the choices of a run, as far as their places are known."""
    program = loaded.program
    commands = (edge.command for edges in program.flow.edges.values() for edge in edges)
    reasons = {command.number: command.reason for command in commands if isinstance(command, Havoc)}
    interpreter = Interpreter(program, loaded.cuts)
    outside = {node.name for node in loaded.unit.globals if isinstance(node, c_ast.Decl)}
    found: list[dict[str, Any]] = []
    assumed: dict[tuple[int, int], dict[str, str]] = {}
    """The assumptions at the place that control comes to next; a later value of the same name is the one seen there."""

    def settle() -> None:
        for (line, column), equations in assumed.items():
            constraint = {"value": " && ".join(equations.values()), "format": "c_expression"}
            where = _location(file, places, line, column)
            found.append({"type": "assumption", "action": "follow", "location": where, "constraint": constraint})
        assumed.clear()

    for choice in run.choices:
        name, kind, declared = program.havocs[choice.number]
        if kind is None or isinstance(choice.value, ArrayValue):
            continue
        value = interpreter.shown(choice.value, kind)
        if reasons[choice.number] == "nondet" and (place := program.calls.get(choice.number)):
            called = re.escape(places.call(place.line, place.column) or "")
            call = places.find(place.line, place.column, rf"{called}\s*\(\s*(?:void\s*)?\)") if called else None
            if call is not None:
                settle()
                where = _location(file, places, place.line, call.end())
                constraint = {"value": f"\\result == {value}", "format": "acsl_expression"}
                found.append({
                    "type": "function_return", "action": "follow", "location": where, "constraint": constraint
                })  # fmt: skip
            continue
        reason = reasons[choice.number]
        if reason == "parameter" or (reason == "global" and name in outside):
            at = places.body(program.name)
        else:
            at = places.after(declared.line, declared.column, name) if reason == "uninitialised" else None
        if at is not None and name.isidentifier():
            if at not in assumed:
                settle()
            assumed.setdefault(at, {})[name] = f"{name} == {_constant(value)}"
    settle()
    return found


def _constant(value: int) -> str:
    """Return a C constant expression of the least type that holds a value."""
    if value == -(1 << 63):
        return f"({value + 1}LL - 1)"
    suffix = "" if -(1 << 31) < value < 1 << 31 else "LL" if value < 1 << 63 else "ULL"
    return f"{value}{suffix}"


def _location(file: str, places: Places, line: int, column: int, inside: int = 0) -> dict[str, Any]:
    """Return a location; without a column it is the leftmost suitable one of the line."""
    function = places.function(line, column or inside)
    where: dict[str, Any] = {"file_name": file, "line": line}
    return where | ({"column": column} if column else {}) | ({"function": function} if function else {})


def _entry(kind: str, file: str, text: str, loaded: Loaded, asked: str, content: list[dict[str, Any]]) -> str:
    import yaml

    program = loaded.program
    # `long` has 64 bits in both meanings of integers.
    task: Mapping[str, Any] = {
        "input_files": [file],
        "input_file_hashes": {file: sha256(text)},
        "specification": f"CHECK( init({program.name}()), LTL({asked}) )",
        "data_model": "LP64",
        "language": "C",
    }
    producer = {
        "name": "Lemmata",
        "version": importlib.metadata.version("lemmata"),
        "configuration": "machine integers" if program.machine else "mathematical integers",
    }
    identifier = uuid.uuid5(uuid.NAMESPACE_OID, sha256(repr((kind, producer, task, content))))
    metadata = {
        "format_version": "2.0",
        "uuid": str(identifier),
        "creation_time": _CREATED,
        "producer": producer,
        "task": task,
    }
    entry = {"entry_type": kind, "metadata": metadata, "content": content}
    dumped: str = yaml.dump([entry], Dumper=_dumper(), sort_keys=False, width=1 << 20)
    return dumped


def _dumper() -> Any:
    """Return a writer that repeats values rather than refer to the first, since not all readers know references."""
    import yaml

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            del data
            return True

    return Plain

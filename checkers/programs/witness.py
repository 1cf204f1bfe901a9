"""Native formats of a program proof: ACSL-annotated C, and the SV-COMP 2.0 correctness witness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checkers.auditing import sha256
from lemmata.logic.transition import TransitionSystem

Shown = Mapping[str, Sequence[tuple[str, str]]]
"""For each loop its clauses, as text and language."""


def annotated(text: str, system: TransitionSystem, clauses: Shown) -> str:
    """Insert the invariants above their loops, as ACSL; clauses only SMT-LIB can express become comments."""
    lines = text.split("\n")
    for cut in sorted(system.loops, key=lambda c: -c.line):
        added = []
        for clause, language in clauses.get(cut.name, ()):
            if language == "c":
                added.append(f"/*@ loop invariant {clause}; */")
            else:
                added.append(f"/* invariant of {cut.name} in SMT-LIB: {clause.replace('*/', '* /')} */")
        if not 0 < cut.line <= len(lines):
            continue
        before = lines[cut.line - 1]
        indent = before[: len(before) - len(before.lstrip())]
        lines[cut.line - 1 : cut.line - 1] = [indent + line for line in added]
    return "\n".join(lines)


def correctness_witness(file: str, text: str, system: TransitionSystem, clauses: Shown, function: str) -> str:
    """Write a witness of format version 2.0 (https://gitlab.com/sosy-lab/benchmarking/sv-witnesses)."""
    import yaml

    digest = sha256(text)
    invariants = []
    for cut in system.loops:
        plain = [c for c, language in clauses.get(cut.name, ()) if language == "c" and "\\" not in c and "==>" not in c]
        if plain:
            place = {"file_name": file, "line": cut.line, "column": cut.column, "function": function}
            value = " && ".join(f"({c})" for c in plain)
            invariants.append({"invariant": {"type": "loop_invariant", "location": place, "value": value,
                                             "format": "c_expression"}})  # fmt: skip
    task = {
        "input_files": [file],
        "input_file_hashes": {file: digest},
        "specification": "G ! call(reach_error())",
        "data_model": "LP64",
        "language": "C",
    }
    metadata = {"format_version": "2.0", "producer": {"name": "lemmata"}, "task": task}
    entry = {"entry_type": "invariant_set", "metadata": metadata, "content": invariants}
    dumped: str = yaml.safe_dump([entry], sort_keys=False)
    return dumped

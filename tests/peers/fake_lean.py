"""A stand-in for Lean's programs, which answers as Lean does in structured form, or as a test wants it.

Its compiled modules are the texts themselves. The audit program is answered from those texts: the theorem is there, and
rests on `propext`, and on `sorryAx` where its text, up to the next blank line, has a `sorry`. What a test changes is in
a plan, by the purpose that the verification gives to each of its processes: `artefact`, `statement`, `named`, `closed`,
`audit`, `audit-closed`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROGRAM = """\
import json, os, re, sys
from pathlib import Path

PLAN = json.loads(Path(__file__).with_name("plan.json").read_text())


def say(**event):
    with open(Path(__file__).with_name("calls.jsonl"), "a") as log:
        log.write(json.dumps(event) + "\\n")


def compile_file(arguments):
    file, target = Path(arguments[-1]), Path(arguments[arguments.index("-o") + 1])
    plan = PLAN.get(file.parent.name, {})
    text = file.read_text(errors="surrogateescape")
    say(purpose=file.parent.name, arguments=arguments, text=text, path=os.environ.get("LEAN_PATH", ""))
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\\bsorry\\b", line):
            pos = {"line": number, "column": 0}
            print(json.dumps({"severity": "warning", "kind": plan.get("kind", "[anonymous]"), "pos": pos, "data": "?"}))
    for message in plan.get("messages", []):
        print(json.dumps(message))
    sys.stdout.write(plan.get("raw", ""))
    if plan.get("olean", True):
        target.write_text(text)
    return plan.get("exit", 0)


def audit(file):
    request = json.loads(Path(file).read_text())
    purpose = Path(file).parent.name
    plan = PLAN.get(purpose, {})
    text = Path(request["proved"][0]).read_text()
    name = re.escape(request["theorem"].split(".")[-1])
    own = re.search(rf"\\b{name}\\b.*?(?:\\n\\n|\\Z)", text, re.S)
    axioms = ["propext"] + ["sorryAx"] * bool(own and re.search(r"\\bsorry\\b", own[0])) + request["known"]
    told = {"nonce": request["nonce"], "version": PLAN["version"], "found": True, "kind": "theorem", "problems": [],
            "axioms": axioms, "ownAxioms": [], "direct": "sorryAx" in axioms, "constants": 3, **plan.get("answer", {})}
    say(purpose=purpose, request=request, path=os.environ.get("LEAN_PATH", ""))
    if "raw" in plan:
        Path(request["answer"]).write_text(plan["raw"])
    elif plan.get("file", True):
        Path(request["answer"]).write_text(json.dumps(told))
    print(plan.get("stdout", ""))
    return plan.get("exit", 0)


def main(name, arguments):
    if "--version" in arguments:
        print(f"Lean (version {PLAN['version']}, x86_64-unknown-linux-gnu, commit 0123456789ab, Release)")
        return 0
    if name == "lake":
        say(purpose="lake", arguments=arguments)
        print(PLAN.get("lean_path", ""))
        return PLAN.get("lake_exit", 0)
    if name == "leanchecker":
        say(purpose="leanchecker", arguments=arguments, path=os.environ.get("LEAN_PATH", ""))
        return PLAN.get("leanchecker", 0)
    if "--run" in arguments:
        return audit(arguments[-1])
    return compile_file(arguments)


sys.exit(main(Path(__file__).name, sys.argv[1:]))
"""


def write(
    folder: Path, plan: Mapping[str, Any] | None = None, *, version: str = "4.15.0", checker: bool = True
) -> Path:
    """Make the programs `lean`, `lake` and, if wanted, `leanchecker` in a folder; return the folder.

    Args:
        folder: where; made if it is not there.
        plan: what is different from a sound proof that is accepted.
        version: what `lean --version` says.
        checker: whether there is a `leanchecker`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps({"version": version, **(plan or {})}))
    for name in ("lean", "lake", *(("leanchecker",) if checker else ())):
        program = folder / name
        program.write_text(f"#!{sys.executable} -IS\n{_PROGRAM}")
        program.chmod(0o755)
    return folder


def calls(folder: Path) -> list[dict[str, Any]]:
    """Return what the programs were asked to do, in order."""
    log = folder / "calls.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.is_file() else []

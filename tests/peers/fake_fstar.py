"""A stand-in for `fstar.exe` on whole files: it refuses what F* refuses by its words alone, or as a test wants it.

It knows no logic. What it takes for proved is a file that holds none of the false claims of its plan.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROGRAM = """\
#!%(python)s
import json, os, re, sys, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLAN = json.loads((HERE / "fstar.plan.json").read_text())
arguments = sys.argv[1:]
if arguments == ["--version"]:
    print(PLAN["version"])
    sys.exit(0)
if "--ide" in arguments and PLAN["ide"]:
    os.execv(PLAN["ide"], [PLAN["ide"], *arguments])
file = Path(arguments[-1])
text = file.read_text(errors="surrogateescape")
seen = sorted(str(p.name) for p in Path(".").iterdir())
included = [arguments[i + 1] for i, word in enumerate(arguments) if word == "--include"]
linked = sorted(name for folder in included for name in os.listdir(folder))
with open(HERE / "fstar.calls.jsonl", "a") as log:
    log.write(json.dumps({"arguments": arguments, "text": text, "files": seen, "linked": linked}) + "\\n")
if PLAN["hang"] and PLAN["hang"] in text:
    time.sleep(3600)
if PLAN["print"]:
    print(PLAN["print"])


def refuse(message):
    print(f"* Error 19 at {file.name}(1,0-1,1):\\n  - {message}", file=sys.stderr)
    sys.exit(PLAN["exit"])


code = re.sub(r"\\(\\*.*?\\*\\)|//[^\\n]*", " ", text, flags=re.S)
strict_at = 0 if "error" in arguments else code.find("--report_assumes error")
if strict_at >= 0 and re.search(r"\\b(admit|assume(?!\\s+(val|type|new))|magic|unsafe_coerce)\\b", code[strict_at:]):
    refuse("Every use of this identifier triggers an error")
if "lemmata_control_" in text and "(ensures False)" in text and not PLAN["inconsistent"]:
    refuse("Could not prove post-condition")
for claim in PLAN["false"]:
    if claim in code:
        refuse("Could not prove " + claim)
sys.exit(0)
"""


def write(folder: Path, **plan: Any) -> Path:
    """Make an executable `fstar.exe` in a folder.

    Args:
        folder: where to put it.
        plan: `false`, claims that it refuses wherever they stand; `inconsistent`, whether it accepts everything else;
            `hang`, a text in a file on which it never ends; `print`, what it prints; `exit`, its code when it refuses;
            `ide`, a program that it becomes for `--ide`; `version`.
    """
    defaults: Mapping[str, Any] = {
        "false": [],
        "inconsistent": False,
        "hang": "",
        "print": "",
        "exit": 1,
        "ide": "",
        "version": "F* 2025.10.06\nplatform=Linux_x86_64",
    }
    (folder / "fstar.plan.json").write_text(json.dumps({**defaults, **plan}), encoding="utf-8")
    program = folder / "fstar.exe"
    program.write_text(_PROGRAM % {"python": sys.executable}, encoding="utf-8")
    program.chmod(0o755)
    return program


def calls(program: Path) -> list[dict[str, Any]]:
    """Return what the program was run on so far."""
    log = program.with_name("fstar.calls.jsonl")
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.is_file() else []

"""Damaged C files never break the command: one document, a documented exit code, no traceback.

``LEMMATA_FUZZ`` sets the number of files, 150 without it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from mutations import MUTATIONS, mutate

LEMMATA = Path(sys.executable).parent / "lemmata"
PROGRAMS = Path(__file__).parent.parent / "soundness" / "programs"
COUNT = int(os.environ.get("LEMMATA_FUZZ", "150"))
BATCH = 50
VERDICTS = {"proved", "disproved", "unknown", "error"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def prove(files: list[Path], out: Path) -> dict:
    """Run the command on all files at once, check what holds for every run, and return its document."""
    fixed = ["--json", "--timeout", "2", "--jobs", "2", "--no-store", "--out", str(out)]
    command = [str(LEMMATA), "prove", *fixed, *map(str, files)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=800)
    stderr = done.stderr.decode(errors="replace")
    assert done.returncode in {0, 1, 2, 3, 4}, stderr[-3000:]
    assert "Traceback" not in stderr, stderr[-5000:]
    assert "internal error" not in stderr, stderr[-3000:]
    document = json.loads(done.stdout.decode("utf-8"))
    assert document["schema"] == "lemmata.result/1"
    return document


def check(files: list[Path], out: Path) -> None:
    """Prove damaged files: every one gets a verdict and a reason that is not an internal error."""
    document = prove(files, out)
    answered = set()
    for result in document["results"]:
        answered.add(result["target"])
        assert result["verdict"] in VERDICTS
        assert "internal error" not in (result["reason"] or ""), f"{result['target']}: {result['reason']}"
        if result["verdict"] in {"unknown", "error"}:
            assert result["reason"], f"{result['target']} has no reason"
            assert "\n" not in result["reason"], f"{result['target']}: the reason is not one line"
    assert answered >= {str(path) for path in files}


@pytest.mark.parametrize("batch", range((COUNT + BATCH - 1) // BATCH))
def test_mutated_programs(batch: int, tmp_path: Path) -> None:
    sources = sorted(PROGRAMS.glob("*.c"))
    files = []
    for number in range(batch * BATCH, min(COUNT, (batch + 1) * BATCH)):
        random = Random(f"fuzz {number}")
        source = random.choice(sources)
        path = tmp_path / f"{number:05}-{source.name}"
        path.write_bytes(mutate(random, source.read_bytes()))
        files.append(path)
    check(files, tmp_path / "out")


def test_every_mutation(tmp_path: Path) -> None:
    source = (PROGRAMS / "assert-after-break.right.c").read_bytes()
    files = []
    for mutation in dict.fromkeys(MUTATIONS):
        path = tmp_path / f"{mutation.__name__}.c"
        path.write_bytes(mutation(Random("once"), source))
        files.append(path)
    check(files, tmp_path / "out")


def test_hopeless_files(tmp_path: Path) -> None:
    contents = {
        "empty.c": b"",
        "blank.c": b" \n\t\n",
        "null.c": b"\0" * 4096,
        "random.c": Random("noise").randbytes(20_000),
        "mark.c": b"\xef\xbb\xbfint main() { assert(1); }\n",
        "utf16.c": "int main() { assert(0); }\n".encode("utf-16"),
        "elf.c": b"\x7fELF\x02\x01\x01" + bytes(200),
        "comment.c": b"/* int main() { assert(0); }",
        "string.c": b'int main() { char *s = "abc; assert(0); }',
        "braces.c": b"int main() " + b"{" * 20_000,
        "parentheses.c": b"int main() { assert(" + b"(" * 20_000 + b"1" + b")" * 20_000 + b"); }",
        "sum.c": b"int main() { int x = 0" + b" + 1" * 20_000 + b"; assert(x == 20000); }",
        "line.c": b"int main() { int x; " + b"x = x + 1; " * 20_000 + b"assert(x); }",
        "includes_itself.c": b'#include "includes_itself.c"\nint main() { assert(1); }\n',
        "no_main.c": b"int f(int x) { return x; }\n",
        "no_assertion.c": b"int main() { return 0; }\n",
        "recursive.c": b"int f(int n) { return n ? f(n - 1) : 0; }\nint main() { assert(f(3) == 0); }\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    check([tmp_path / name for name in contents], tmp_path / "out")

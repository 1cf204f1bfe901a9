from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

SCRIPT = """
import json, sys
import lemmata
from lemmata import Certificate, ProofGraph, prove, replay
from lemmata.errors import UsageError

(result,) = prove("a.fake:p", timeout=5, out="certs")
checked = replay(result.certificate)
(failed,) = prove("missing.fake")
try:
    prove("a.fake", frobnicate=1)
except UsageError as error:
    usage = error.exit_code
print(json.dumps([result.verdict.value, checked.valid, failed.verdict.value, usage]))
"""


def test_the_api_does_what_the_commands_do(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=lemmata.folder,
        env=lemmata.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == ["proved", True, "error", 2]
    assert not (lemmata.folder / "data").exists()


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = "sqlalchemy", "networkx", "z3", "cvc5", "pydantic", "rich", "asyncio"
    script = f"import lemmata, sys; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"

from __future__ import annotations

from pathlib import Path

from lemmata.config import Settings
from lemmata.plugins.wiring import Workbench


def test_options_are_for_the_system_that_they_concern() -> None:
    settings = Settings(
        int_width=32, coq_flags=("-Q", "/a", "A"), allow_axioms=("*",), root=Path("/lib"), require_both=True
    )
    bench = Workbench(settings)
    size = {"max_source_bytes": str(settings.max_source_bytes)}
    assert bench.options("programs") == {**size, "int_width": "32"}
    coq = {**size, "coq_flags": '["-Q", "/a", "A"]', "allow_axioms": '["*"]', "root": "/lib"}
    assert bench.options("coq") == coq
    assert bench.checking("coq") == {**coq, "require_both": "1"}
    assert Workbench(Settings()).checking("coq") == size

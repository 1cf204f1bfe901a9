"""The conditions of a proof in a folder: all of them or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lemmata import certificate as certificates
from lemmata.certificate import Certificate
from lemmata.errors import Location, StoreError, UsageError
from lemmata.goal import Obligation
from lemmata.verdict import Verdict
from lemmata.workflow.conditions import prepare, write

FILES = {"00-a.smt2": "(check-sat)\n", "01-b.smt2": "(check-sat)\n", "coq/x.smt2": "", "annotated.c": ""}


@pytest.fixture
def certificate() -> Certificate:
    obligation = Obligation("programs", "main", "int main(void) {}\n", Location("a\r(assert false).c", 1, 1))
    return certificates.build(obligation, Verdict.PROVED, environment={}, graph={}, steps=(), artefact="")


def test_only_conditions_are_written_and_a_file_name_stays_a_comment(tmp_path: Path, certificate: Certificate) -> None:
    paths = [Path(name) for name in write(tmp_path, certificate, FILES)]
    assert [path.name.split(".", 3)[3] for path in paths] == ["00-a.smt2", "01-b.smt2"]
    assert sorted(tmp_path.iterdir()) == paths
    lines = paths[0].read_text().splitlines()
    assert [line[:2] for line in lines] == ["; ", "; ", "(c"]


def test_what_cannot_all_be_written_is_not_written(tmp_path: Path, certificate: Certificate) -> None:
    (second,) = write(tmp_path, certificate, {"01-b.smt2": ""})
    Path(second).unlink()
    Path(second).mkdir()
    with pytest.raises(StoreError, match="cannot write"):
        write(tmp_path, certificate, FILES)
    assert list(tmp_path.iterdir()) == [Path(second)]


def test_the_folder_is_made_or_refused(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="folder") as raised:
        prepare(tmp_path / "file" / "b")
    assert str(raised.value).startswith(f"{tmp_path / 'file' / 'b'}: error: ")

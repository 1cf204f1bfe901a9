from __future__ import annotations

import json

import pytest

from lemmata.cli.main import run


def test_every_command_of_a_process_prints_its_document(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert run(["prove", "--json", "there/is/no/such/file.c"]) != 0
        assert json.loads(capsys.readouterr().out)["schema"] == "lemmata.result/1"

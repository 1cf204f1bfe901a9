from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PLUGIN = Path(__file__).parent / "plugin"


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Lemmata:
    """The real command in a folder of its own, with a store of its own and the plugin of `.fake` files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LEMMATA_")},
            "XDG_DATA_HOME": str(folder / "data"),
            "HOME": str(folder),
            "PYTHONPATH": str(PLUGIN),
            "NO_COLOR": "1",
        }

    def start(self, *arguments: str | Path, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "lemmata", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
        )

    def __call__(self, *arguments: str | Path, **more: Any) -> Answer:
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in (out or "") + (err or "")
        return Answer(process.returncode, out or "", err or "")

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


@pytest.fixture
def lemmata(tmp_path: Path) -> Lemmata:
    return Lemmata(tmp_path)

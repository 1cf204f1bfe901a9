"""How Chromium is started where there is neither a screen nor a network; for benchmarks and tests."""

from __future__ import annotations

import os
import shutil

SIZE = {"width": 1280, "height": 800}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATH = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
"""None where there is none; the environment variable CHROMIUM names another one."""

"""Run `python -m lemmata`, the same as the command `lemmata`."""

from __future__ import annotations

from lemmata.cli.main import entry

if __name__ == "__main__":
    entry()

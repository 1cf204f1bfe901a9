"""Build hook: the viewer's page goes into every wheel and source distribution.

A source distribution carries the built page, so that installing from it needs no Node.js. An editable installation
goes on without the page where it cannot be built; LEMMATA_SKIP_FRONTEND=1 leaves it out on purpose.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _load(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("lemmata_web_build", root / "web" / "build.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("web/build.py is missing")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up there.

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Frontend(BuildHookInterface):  # type: ignore[misc,unused-ignore]
    """Builds the page before files are collected."""

    def _wanted(self) -> bool:
        return os.environ.get("LEMMATA_SKIP_FRONTEND") != "1" and (Path(self.root) / "web" / "frontend").is_dir()

    def dependencies(self) -> list[str]:
        """Return what the build needs to be installed: Node.js, where there is none."""
        builder = _load(Path(self.root))
        needed = self._wanted() and not builder.fresh(Path(self.root)) and builder.find_npm() is None
        return [builder.NODE_PACKAGE] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page where it is out of date."""
        builder = _load(Path(self.root))
        if not self._wanted() or builder.fresh(Path(self.root)):
            return
        try:
            builder.build(Path(self.root))
        except builder.BuildFailed as error:
            if version != "editable":
                raise
            self.app.display_warning(f"the viewer will not work: {error}")

"""The Python API: `prove` and `replay` do what the commands of these names do."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemmata.workflow.results import ReplayResult, Result

if TYPE_CHECKING:
    from lemmata.certificate import Certificate
    from lemmata.config import Settings

__all__ = ["ReplayResult", "Result", "prove", "replay"]


def prove(target: str | os.PathLike[str], **settings: Any) -> list[Result]:
    """Prove the obligations of one target.

    Nothing is kept between calls and no file is written unless `store` or `out` says where.

    Args:
        target: `FILE[:SELECTOR]`.
        **settings: by the names of the options of `lemmata prove`, for example `timeout` in seconds, `jobs`,
            `provers`, `int_width`, `require_both`, `out`, `store`, `minimise`.

    Returns:
        One result for each obligation; a target that cannot be worked on gives one with verdict `error`.

    Raises:
        LemmataError: a setting makes no sense, or the store cannot be used.
    """
    from lemmata.workflow import launch

    minimise = bool(settings.pop("minimise", True))
    plan = launch.Plan(
        minimise=minimise, use_store=settings.get("store") is not None, write=settings.get("out") is not None
    )
    report = launch.prove([os.fspath(target)], load_settings(settings), plan)
    if report.error is not None:
        raise report.error
    return report.results


def replay(
    certificate: str | os.PathLike[str] | Certificate,
    *,
    source: str | os.PathLike[str] | None = None,
    timeout: float | None = None,
) -> ReplayResult:
    """Check a certificate again from scratch.

    Args:
        certificate: a certificate or its path.
        source: compare with this file instead of the one it was made from.
        timeout: seconds for the verification.

    Returns:
        The result; a certificate that is missing or malformed gives one that is not valid.

    Raises:
        LemmataError: a setting makes no sense.
    """
    from lemmata.certificate import Certificate
    from lemmata.workflow import launch

    what = certificate if isinstance(certificate, Certificate) else Path(certificate)
    where = Path(source) if source is not None else None
    return launch.check_again([what], load_settings({"timeout": timeout}), source=where)[0]


def load_settings(overrides: dict[str, Any]) -> Settings:
    """Gather settings; a time-out of 0, which answers `unknown` at once, is allowed here only."""
    from lemmata.config import Settings

    if overrides.get("timeout") == 0:
        rest = {name: value for name, value in overrides.items() if name != "timeout"}
        return dataclasses.replace(Settings.load(rest), timeout=0.0)
    return Settings.load(overrides)

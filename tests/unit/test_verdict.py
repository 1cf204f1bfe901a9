"""Limits."""

from __future__ import annotations

from lemmata.verdict import Limits


def test_limits_are_raised_to_what_is_needed() -> None:
    assert Limits(10.0, 5.0, 100, 7).at_least(wall_seconds=60.0, memory_bytes=200) == Limits(60.0, 5.0, 200, 7)
    assert Limits(90.0, 5.0, 300, 7).at_least(wall_seconds=60.0, memory_bytes=200) == Limits(90.0, 5.0, 300, 7)
    assert Limits(10.0, None, 100, None).at_least(memory_bytes=200) == Limits(10.0, None, 200, None)


def test_what_has_no_limit_keeps_none() -> None:
    unlimited = Limits(None, None, None, None)
    assert unlimited.at_least(wall_seconds=60.0, memory_bytes=200) == unlimited

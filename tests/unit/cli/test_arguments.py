from __future__ import annotations

import pytest

from lemmata.cli import options
from lemmata.cli.arguments import expand, pair
from lemmata.errors import UsageError


def test_resume_alone_is_the_last_run() -> None:
    assert expand(["prove", "--resume"]) == ["prove", "--resume=last"]
    assert expand(["prove", "--resume", "a.c"]) == ["prove", "--resume=last", "a.c"]
    assert expand(["prove", "--resume", "7"]) == ["prove", "--resume", "7"]
    assert expand(["prove", "--", "--resume", "-Q"]) == ["prove", "--", "--resume", "-Q"]


def test_two_values_become_one_and_two_again() -> None:
    found = expand(["list", "-Q", "my dir", "Lib", "a.v", "-R", ".", "", "-I", "x"])
    assert [found[0], found[1], found[3], found[4], *found[6:]] == ["list", "-Q", "a.v", "-R", "-I", "x"]
    assert (pair(found[2]), pair(found[5])) == (("my dir", "Lib"), (".", ""))
    assert options.coq_flags([found[2]], [found[5]], ["x"]) == ["-Q", "my dir", "Lib", "-R", ".", "", "-I", "x"]
    assert options.coq_flags(None, None, None) is None


@pytest.mark.parametrize("arguments", [["-Q"], ["-Q", "dir"], ["-R", "dir", "--json"]])
def test_one_value_of_two_is_bad_usage(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match="takes a folder and a logical name"):
        expand(["prove", *arguments])

"""What may be spent on a model that is paid for: tokens and money, over all processes of one run.

A prover's process is ended whenever its answer is not wanted any more, so what was spent cannot be kept in it alone: a
small file beside it, one for each process that started provers, holds the sum. A question is booked at its highest
price before it is asked and corrected when its answer is there; what is ended in between stays booked, so that a budget
is not exceeded.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lemmata.errors import UsageError

_MILLION = 1_000_000
_NAME = re.compile(r"(\d+)-(\d+)-\w+\.spent")


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens."""

    prompt: float = 0.0
    completion: float = 0.0

    def of(self, prompt: int, completion: int) -> float:
        """Return what so many tokens cost."""
        return (prompt * self.prompt + completion * self.completion) / _MILLION


@dataclass(frozen=True, slots=True)
class Spent:
    """A sum of tokens and money."""

    tokens: int = 0
    dollars: float = 0.0


class Budget:
    """Says whether a question may be asked, and keeps account.

    Args:
        tokens: most tokens, prompts and answers together; None is no limit.
        dollars: most US dollars; None is no limit.
        prices: of a million tokens.
        file: where the sum is kept; None keeps it in this object.
    """

    def __init__(
        self,
        tokens: int | None = None,
        dollars: float | None = None,
        prices: Prices | None = None,
        file: Path | None = None,
    ) -> None:
        self._tokens = tokens
        self._dollars = dollars
        self._prices = prices or Prices()
        self._file = file if tokens is not None or dollars is not None else None
        self._own = Spent()

    @property
    def spent(self) -> Spent:
        """What was booked so far."""
        with self._account(Spent()) as so_far:
            return so_far

    def book(self, prompt: int, completion: int) -> bool:
        """Book a question of at most so many tokens; where the budget does not allow it, book nothing and say False."""
        wanted = Spent(prompt + completion, self._prices.of(prompt, completion))
        with self._account(wanted, within=True) as so_far:
            return self._allowed(so_far, wanted)

    def correct(self, booked: tuple[int, int], used: tuple[int, int]) -> None:
        """Replace what was booked for a question by what it used, both as tokens of prompts and of answers."""
        change = Spent(sum(used) - sum(booked), self._prices.of(*used) - self._prices.of(*booked))
        with self._account(change):
            pass

    def _allowed(self, so_far: Spent, wanted: Spent) -> bool:
        fits = self._tokens is None or so_far.tokens + wanted.tokens <= self._tokens
        return fits and (self._dollars is None or so_far.dollars + wanted.dollars <= self._dollars + 1e-12)

    @contextlib.contextmanager
    def _account(self, change: Spent, *, within: bool = False) -> Iterator[Spent]:
        """Add to the sum, perhaps only where the budget allows it; yields the sum before."""
        with self._locked() as file:
            so_far = self._own if file is None else _read(file)
            if not within or self._allowed(so_far, change):
                after = Spent(max(so_far.tokens + change.tokens, 0), max(so_far.dollars + change.dollars, 0.0))
                if file is None:
                    self._own = after
                elif after != so_far:
                    os.pwrite(file, f"{after.tokens:020d} {after.dollars!r:<30}\n".encode(), 0)
            yield so_far

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int | None]:
        if self._file is None:
            yield None
            return
        file = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)


def _read(file: int) -> Spent:
    tokens, _, dollars = os.pread(file, 200, 0).decode("ascii", "replace").partition(" ")
    try:
        return Spent(int(tokens or 0), float(dollars or 0.0))
    except ValueError:
        # Nobody knows what was spent: nothing more is.
        return Spent(1 << 62, math.inf)


def shared(name: str) -> Path:
    """Return the file in which the provers of the process that started this one keep account.

    Args:
        name: whose account it is; letters and digits.

    Raises:
        UsageError: the folder for temporary files cannot be used.
    """
    folder = Path(tempfile.gettempdir()) / f"lemmata-spent-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise UsageError(f"{folder} belongs to somebody else", hint="set TMPDIR to a folder of your own")
        for entry in folder.iterdir():
            former = _NAME.fullmatch(entry.name)
            if former and _began(int(former[1])) != former[2]:
                entry.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"a budget cannot be kept in {folder}: {error.strerror}") from None
    parent = os.getppid()
    return folder / f"{parent}-{_began(parent)}-{re.sub(r'[^A-Za-z0-9]', '', name)}.spent"


def _began(process: int) -> str:
    """Return when a process began, in ticks since the machine did, so that a number used again is another process."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return fields[19]
    except (OSError, IndexError):
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return "-"
    except OSError:
        pass
    return "0"


def from_environment(prefix: str, variables: Mapping[str, str], file: Path | None = None) -> Budget:
    """Read a budget from variables, `PREFIX_BUDGET_TOKENS` and `PREFIX_BUDGET_USD`.

    Prices are `PREFIX_PRICE_PROMPT` and `PREFIX_PRICE_COMPLETION`, US dollars for a million tokens.

    Raises:
        UsageError: one is no number, or there is a budget of money without prices.
    """
    tokens = _number(variables, f"{prefix}_BUDGET_TOKENS")
    dollars = _number(variables, f"{prefix}_BUDGET_USD")
    prompt = _number(variables, f"{prefix}_PRICE_PROMPT")
    completion = _number(variables, f"{prefix}_PRICE_COMPLETION")
    if dollars is not None and (prompt is None or completion is None):
        hint = f"set {prefix}_PRICE_PROMPT and {prefix}_PRICE_COMPLETION, dollars for a million tokens"
        raise UsageError(f"{prefix}_BUDGET_USD needs prices", hint=hint)
    prices = Prices(prompt or 0.0, completion or 0.0)
    return Budget(None if tokens is None else int(tokens), dollars, prices, file)


def _number(variables: Mapping[str, str], name: str) -> float | None:
    text = variables.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value < math.inf:
        raise UsageError(f"{name} is not a number of at least 0")
    return value

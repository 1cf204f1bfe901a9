"""Settings: command line, then environment, then `lemmata.toml` or `[tool.lemmata]`, then defaults."""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from lemmata.errors import UsageError

PREFIX = "LEMMATA_"
_FILES = ("lemmata.toml", "pyproject.toml")
EMITTED = ("coq", "fstar", "isabelle", "lean")
"""The proof assistants that theorems can be written for."""
_UNITS = {"": 0, "b": 0, "k": 10, "m": 20, "g": 30, "t": 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user can set, each from the first place that says something."""

    timeout: float = 60.0
    """Wall seconds for one obligation."""
    jobs: int = 1
    """Obligations worked on at once; by default the number of processor cores."""
    store: Path = Path("store.db")
    """By default in the user's data folder."""
    out: Path = Path(".lemmata/certificates")
    """Folder for certificates, by default under the current one."""
    provers: tuple[str, ...] | None = None
    """Names of the provers to use; None, written `all`, is every one that is installed."""
    critics: tuple[str, ...] = ()
    """Critics and rankers, each `NAME` or `NAME:MODEL`; written `none` where there is none."""
    policy: str = "best-first"
    """How open goals are ordered."""
    int_width: int | None = None
    """Bits of C's `int`, 32 or 64; None, written `none`, is mathematical integers."""
    require_both: bool = False
    """Whether both solvers must prove every condition."""
    require_reachable: bool = False
    """Whether to warn of assertions of a proved program that no run is known to reach."""
    memory_limit: int = 2 << 30
    """Bytes for one backend process."""
    color: str = "auto"
    """`auto`, `always` or `never`."""
    seed: int = 0
    max_source_bytes: int = 2 << 20
    """Larger source files are refused."""
    coq_flags: tuple[str, ...] = ()
    """Where Coq finds libraries: `-Q DIR NAME`, `-R DIR NAME` and `-I DIR`, every word by itself, folders absolute."""
    allow_axioms: tuple[str, ...] = ()
    """Axioms that a proof may rest on beside those its file already has; `*` is any."""
    emit: tuple[str, ...] = ()
    """Proof assistants that the verification conditions of a proved program are written for as theorems."""
    emit_smt2: Path | None = None
    """Folder for the conditions of proofs as SMT-LIB files."""
    recheck: str = ""
    """The proof assistant that has to prove those theorems before a program counts as proved; empty for none."""
    root: Path | None = None
    """Folder that the files of a benchmark list are relative to; for Coq, a copy of the standard library's sources."""

    @classmethod
    def load(
        cls,
        overrides: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Settings:
        """Gather the settings.

        Args:
            overrides: from the command line, by field name; None values count as not given.
            env: environment variables, by default this process's own.
            cwd: folder to start looking for a settings file in, by default the current one.

        Raises:
            UsageError: a key is unknown or a value makes no sense; says in which file and what is near.
        """
        env = os.environ if env is None else env
        cwd = Path.cwd() if cwd is None else cwd.absolute()
        values: dict[str, Any] = {
            "jobs": _cores(),
            "store": Path(platformdirs.user_data_dir("lemmata")) / "store.db",
            "out": cwd / ".lemmata" / "certificates",
        }
        file = find_file(cwd, Path(env["HOME"]) if env.get("HOME") else Path.home())
        if file is not None:
            values |= _from_file(file)
        values |= _from_environment(env, cwd)
        given = {key: value for key, value in (overrides or {}).items() if value is not None}
        values |= _read(given, "command line", cwd, lambda key: "--" + key.replace("_", "-"))
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        provers = "all" if self.provers is None else list(self.provers)
        return {
            **values,
            "store": str(self.store),
            "out": str(self.out),
            "provers": provers,
            "critics": list(self.critics),
            "coq_flags": list(self.coq_flags),
            "allow_axioms": list(self.allow_axioms),
            "emit": list(self.emit),
            "emit_smt2": None if self.emit_smt2 is None else str(self.emit_smt2),
            "root": None if self.root is None else str(self.root),
        }


def find_file(cwd: Path, home: Path) -> Path | None:
    """Return the nearest file with settings in `cwd` or above it, up to `home` or the root."""
    for folder in (cwd, *cwd.parents):
        for name in _FILES:
            file = folder / name
            if file.is_file() and (name == "lemmata.toml" or _table(file) is not None):
                return file
        if folder == home:
            return None
    return None


def _cores() -> int:
    # A container or `taskset` may leave fewer cores to this process than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _table(file: Path) -> Mapping[str, Any] | None:
    """Return the settings of a file, None for a `pyproject.toml` that has none."""
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise UsageError(f"{file}: cannot be read as TOML: {why}") from error
    if file.name == "lemmata.toml":
        return document
    tool = document.get("tool")
    table = tool.get("lemmata") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"{file}: tool.lemmata is not a table", hint="write [tool.lemmata]")
    return table


def _from_file(file: Path) -> dict[str, Any]:
    values = _read(_table(file) or {}, str(file), file.parent, lambda key: key)
    for key in ("provers", "critics"):
        if values.get(key):
            values[key] = tuple(_placed(word, file.parent) for word in values[key])
    return values


def _placed(word: str, folder: Path) -> str:
    """Return `NAME:MODEL` with a model's folder made absolute, as seen from `folder`."""
    name, _, model = word.partition(":")
    place = folder / os.path.expanduser(model)
    return f"{name}:{place}" if model and place.is_dir() else word


def _from_environment(env: Mapping[str, str], cwd: Path) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for variable, text in env.items():
        key = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or not text:
            continue
        # Other variables may begin like ours, so only what looks like a slip of the pen is refused.
        if key in _READERS or difflib.get_close_matches(key, _READERS, n=1, cutoff=0.8):
            texts[key] = text
    return _read(texts, "environment", cwd, lambda key: PREFIX + key.upper())


def _read(given: Mapping[str, Any], place: str, folder: Path, shown: Callable[[str], str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in _READERS:
            near = difflib.get_close_matches(key.replace("-", "_"), _READERS, n=1)
            known = ", ".join(shown(name) for name in _READERS)
            raise UsageError(
                f"{place}: unknown setting {shown(key)!r}",
                hint=f"did you mean {shown(near[0])!r}?" if near else f"known are {known}",
            )
        try:
            values[key] = _READERS[key](value)
        except (ValueError, OverflowError) as error:
            raise UsageError(f"{place}: {shown(key)} is {value!r}", hint=f"it must be {error}") from error
        values[key] = _absolute(values[key], folder)
    return values


def _absolute(value: Any, folder: Path) -> Any:
    """Return a value with its paths made absolute, as seen from `folder`; those within a list become texts."""
    if isinstance(value, Path):
        return Path(os.path.abspath(folder / os.path.expanduser(value)))
    if isinstance(value, tuple):
        return tuple(str(_absolute(item, folder)) if isinstance(item, Path) else item for item in value)
    return value


# Each reader takes a TOML value, a command line value or an environment text, and raises a `ValueError`
# that completes the sentence "it must be ...".


def _number(value: Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise ValueError("a number of seconds above 0")
    return number


def _integer(value: Any, minimum: int | None, what: str) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,18}\s*", value, re.ASCII):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or (minimum is not None and value < minimum):
        raise ValueError(what)
    return value


def _bytes(value: Any) -> int:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,15})\s*([kmgt]?)(?:i?b)?\s*", value, re.ASCII | re.IGNORECASE)
        value = int(match[1]) << _UNITS[match[2].lower()] if match else None
    return _integer(value, 1, 'a number of bytes above 0, or a text such as "512 MiB"')


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    raise ValueError("true or false")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def _path(value: Any) -> Path:
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise ValueError("a path")
    return Path(value)


def _names(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    valid = isinstance(value, list | tuple) and all(isinstance(name, str) and name.strip() for name in value)
    if not valid or not value:
        raise ValueError('"all" or a list of names')
    return None if list(value) == ["all"] else tuple(dict.fromkeys(value))


def _critics(value: Any) -> tuple[str, ...]:
    if value in ("none", ["none"], [], ()):
        return ()
    try:
        found = _names(value)
    except ValueError:
        found = None
    if found is None:
        raise ValueError('"none" or a list of names')
    return found


def _axioms(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError("a list of names of axioms, * for any")
    names = [name.strip() for text in texts for name in text.split(",")]
    if not all(names):
        raise ValueError("a list of names of axioms, * for any")
    return tuple(dict.fromkeys(names))


def _emit(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"a list of {', '.join(EMITTED)}")
    names = [name.strip() for text in texts for name in text.split(",") if text]
    if not set(names) <= set(EMITTED):
        raise ValueError(f"a list of {', '.join(EMITTED)}")
    return tuple(dict.fromkeys(names))


def _recheck(value: Any) -> str:
    if value not in ("coq", "none", ""):
        raise ValueError('"coq", or "none"')
    return "" if value == "none" else str(value)


def _coq_flags(value: Any) -> tuple[str | Path, ...]:
    """Return the arguments with their folders as paths; only those that say where libraries are may be given."""
    wrong = ValueError('a list such as ["-Q", "DIR", "NAME", "-R", "DIR", "NAME", "-I", "DIR"]')
    try:
        given = shlex.split(value) if isinstance(value, str) else list(value)
    except (TypeError, ValueError):
        raise wrong from None
    found: list[str | Path] = []
    rest = iter(given)
    for flag in rest:
        folder = next(rest, None)
        if flag not in ("-Q", "-R", "-I") or not isinstance(folder, str) or not folder or "\0" in folder:
            raise wrong
        found += [flag, Path(folder)]
        if flag != "-I":
            name = next(rest, None)
            # A logical name is a dotted path of identifiers, which may have letters of any script; "" is the root.
            if not isinstance(name, str) or not re.fullmatch(r"(\w[\w']*(\.\w[\w']*)*)?", name):
                raise wrong
            found.append(name)
    return tuple(found)


def _width(value: Any) -> int | None:
    text = str(value).strip().lower() if isinstance(value, str | int) else ""
    if text not in ("32", "64", "none"):
        raise ValueError('32, 64 or "none" for mathematical integers')
    return None if text == "none" else int(text)


def _color(value: Any) -> str:
    if value not in ("auto", "always", "never"):
        raise ValueError("auto, always or never")
    return str(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "timeout": _number,
    "jobs": lambda value: _integer(value, 1, "a whole number above 0"),
    "store": _path,
    "out": _path,
    "provers": _names,
    "critics": _critics,
    "policy": _text,
    "int_width": _width,
    "require_both": _boolean,
    "require_reachable": _boolean,
    "memory_limit": _bytes,
    "color": _color,
    "seed": lambda value: _integer(value, None, "a whole number"),
    "max_source_bytes": _bytes,
    "coq_flags": _coq_flags,
    "allow_axioms": _axioms,
    "emit": _emit,
    "emit_smt2": _path,
    "recheck": _recheck,
    "root": _path,
}

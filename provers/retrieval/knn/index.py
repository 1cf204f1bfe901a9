"""The index of examples: which were taken at the goals most like a given one.

Likeness is the Jaccard index of two goals' features, each weighed by how rare it is, the best of the measures compared
by Blaauwbroek, Urban and Geuvers (LPAR 2020). Postings are columns of a sparse matrix that is mapped from the cache.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemmata.errors import BackendMissing
from provers.retrieval.knn import features
from provers.retrieval.knn.carrying import Recorded, recorded, tactics
from provers.retrieval.knn.examples import Example, claim
from provers.retrieval.ranking import top

if TYPE_CHECKING:
    from provers.retrieval.cache import Cache

_VERSION = "4"
"""Changes with the files of an index."""
_MOST_POSTINGS = 3_000_000
"""So many numbers are added up for one query; what is left out are the features that most goals have."""
_FILES = 3
"""A word that stands for a tactic in so many files is one; in fewer it may be a file's own."""
_ARRAYS = ("places", "starts", "weights", "sizes", "offsets", "proofs", "forms")


@dataclass(frozen=True, slots=True)
class Proof:
    """A theorem whose proof is in the index."""

    theorem: str
    file: str
    claim: str
    """What it says, as of `claim`."""
    root: str
    """The conclusion at its first step, without blanks; empty where the first step was not recorded."""
    premises: tuple[str, ...]
    """Full names that its steps use."""


class Index:
    """An index of examples; made by `build` or `cached`.

    Args:
        tables: `features`, the columns' names, `proofs`, the rows' proofs, and `tactics`, the words that are some.
        arrays: `places` and `starts`, the rows of each column; `weights`, of each column; `sizes`, the sum of each
            row's weights; `offsets`, where each row's text begins; `proofs`, the number of each row's proof; `forms`,
            that of each row's conclusion.
        blob: the rows' texts.
    """

    def __init__(self, tables: Any, arrays: dict[str, Any], blob: Any) -> None:
        self._columns: dict[str, int] = {name: number for number, name in enumerate(tables["features"])}
        self.proofs = [Proof(name, file, says, root, tuple(used)) for name, file, says, root, used in tables["proofs"]]
        self.tactics = frozenset(tables["tactics"])
        self._arrays = arrays
        self._blob = blob
        self._rows = len(arrays["sizes"])
        self._heaviest = float(arrays["weights"].max()) if len(arrays["weights"]) else 1.0

    def __len__(self) -> int:
        """Return the number of examples."""
        return self._rows

    @classmethod
    def build(cls, found: Iterable[Example], rarity: Callable[[str], float] | None = None) -> Index:
        """Make the index of examples.

        Args:
            found: best in the order of their proofs, so that these can be followed.
            rarity: weighs features; None counts in how many of these goals each is.

        Raises:
            BackendMissing: numpy is not installed.
        """
        return cls(*_made(found, rarity))

    @classmethod
    def cached(cls, key: str, found: Callable[[], Iterable[Example]], cache: Cache) -> Index:
        """Take an index from the cache, or make it and keep it there.

        Args:
            key: digest of what the examples come from.
            found: yields them.
            cache: keeps the index.

        Raises:
            BackendMissing: numpy is not installed.
        """
        _numpy()
        name = f"knn-{_VERSION}-{features.VERSION}-{key}"
        known = cache.load(name, _read)
        if known is None:
            made = _made(found(), None)
            if cache.store(name, lambda place: _write(place, *made)):
                # What is mapped is shared between processes.
                known = cache.load(name, _read)
            known = known or cls(*made)
        return known

    def rarity(self, feature: str) -> float:
        """Return the weight of a feature; one that no example has weighs as much as the rarest."""
        number = self._columns.get(feature)
        return self._heaviest * features.weight(feature) if number is None else float(self._arrays["weights"][number])

    def nearest(
        self, wanted: Iterable[str], k: int, allowed: Any = None, form: int = 0, alike: int = 0
    ) -> list[tuple[int, float]]:
        """Return the examples at the most similar goals with their similarities, from 0 to 1, best first.

        Args:
            wanted: features of a goal.
            k: how many at most.
            allowed: for each example whether it may be found (numpy, booleans); None allows all.
            form: of the goal's conclusion, 0 where it has none.
            alike: how many at most of those of the same form there are besides.
        """
        import numpy as np

        places, starts, weights = (self._arrays[name] for name in ("places", "starts", "weights"))
        mine = 0.0
        columns = []
        for feature in wanted:
            mine += self.rarity(feature)
            if (number := self._columns.get(feature)) is not None:
                columns.append((int(starts[number + 1]) - int(starts[number]), number))
        # The rarest first: in sums of floating-point numbers the order counts, and what is everywhere tells least.
        columns.sort()
        shared = np.zeros(self._rows, dtype=np.float32)
        left = _MOST_POSTINGS
        for length, number in columns:
            left -= length
            if left < 0:
                break
            # An example stands in a column once.
            shared[places[starts[number] : starts[number + 1]]] += weights[number]
        likeness = shared / np.maximum(np.float32(mine) + self._arrays["sizes"] - shared, np.float32(1e-6))
        found = top(likeness, k, allowed)
        if not form or not alike:
            return found
        same = self._arrays["forms"] == form
        others = top(likeness, alike, same if allowed is None else same & allowed)
        known = {place for place, _ in found}
        return found + [one for one in others if one[0] not in known]

    def proof(self, place: int) -> Proof:
        """Return the proof that an example is of."""
        return self.proofs[int(self._arrays["proofs"][place])]

    def together(self, place: int, other: int) -> bool:
        """Say whether two examples are of one proof; there may be no example at the other place."""
        return other < self._rows and bool(self._arrays["proofs"][place] == self._arrays["proofs"][other])

    def spread(self, proofs: Sequence[bool]) -> Any:
        """Return for each example what is said of its proof (numpy, booleans)."""
        import numpy as np

        return np.asarray(proofs, dtype=bool)[self._arrays["proofs"]]

    def recorded(self, place: int) -> Recorded:
        """Return an example as it is carried into other goals."""
        begin, end = int(self._arrays["offsets"][place]), int(self._arrays["offsets"][place + 1])
        return Recorded.read(json.loads(bytes(self._blob[begin:end])))


def _made(found: Iterable[Example], rarity: Callable[[str], float] | None) -> tuple[Any, dict[str, Any], bytes]:
    np = _numpy()
    columns: dict[str, list[int]] = {}
    rows: list[frozenset[str]] = []
    texts: list[bytes] = []
    proofs: list[list[Any]] = []
    numbers: list[int] = []
    forms: list[int] = []
    spoken: dict[str, set[str]] = {}
    known: dict[tuple[str, str], int] = {}
    for example in found:
        # A data set may be shuffled.
        number = known.setdefault((example.file, example.theorem), len(proofs))
        if number == len(proofs):
            proofs.append([example.theorem, example.file, claim(example.statement), "", {}])
        if example.index == 0:
            proofs[number][3] = "".join(example.conclusion.split())
        proofs[number][4].update(dict.fromkeys(example.premises))
        for word in tactics(example.step):
            spoken.setdefault(word, set()).add(example.file)
        own = features.features(example.conclusion, example.hypotheses)
        for feature in own:
            columns.setdefault(feature, []).append(len(rows))
        numbers.append(number)
        rows.append(own)
        kept = recorded(example)
        forms.append(kept.form)
        texts.append(json.dumps(kept.written(), ensure_ascii=False).encode())
    names = sorted(columns)
    count = len(rows)
    counted = (rarity,) if rarity else ()
    weighed = {
        name: counted[0](name) if counted else float(np.log(1 + count / len(columns[name]))) * features.weight(name)
        for name in names
    }
    arrays = {
        "places": np.fromiter((row for name in names for row in columns[name]), dtype=np.int32),
        "starts": _ends(len(columns[name]) for name in names),
        "weights": np.fromiter((weighed[name] for name in names), dtype=np.float32),
        "sizes": np.fromiter((sum(weighed[name] for name in sorted(row)) for row in rows), dtype=np.float32),
        "offsets": _ends(map(len, texts)),
        "proofs": np.asarray(numbers, dtype=np.int32),
        "forms": np.asarray(forms, dtype=np.uint64),
    }
    least = min(_FILES, len({row[1] for row in proofs}))
    tables = {
        "features": names,
        "proofs": [[*row[:4], list(row[4])] for row in proofs],
        "tactics": sorted(word for word, files in spoken.items() if len(files) >= least),
    }
    return tables, arrays, b"".join(texts)


def _ends(lengths: Iterable[int]) -> Any:
    np = _numpy()
    return np.concatenate(([0], np.cumsum(np.fromiter(lengths, dtype=np.int64)))).astype(np.int64)


def _write(place: Path, tables: Any, arrays: dict[str, Any], blob: bytes) -> None:
    import numpy as np

    (place / "tables.json").write_text(json.dumps(tables, ensure_ascii=False), "utf-8")
    (place / "examples").write_bytes(blob)
    for name, array in arrays.items():
        np.save(place / f"{name}.npy", array)


def _read(place: Path) -> Index:
    import numpy as np

    arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
    tables = json.loads((place / "tables.json").read_text("utf-8"))
    with (place / "examples").open("rb") as file:
        empty = file.seek(0, 2) == 0
        blob = b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return Index(tables, arrays, blob)


def _numpy() -> Any:
    try:
        import numpy as np
    except ImportError as error:
        raise BackendMissing(f"the k-NN prover needs numpy: {error}", hint="pip install 'lemmata[retrieval]'") from None
    return np

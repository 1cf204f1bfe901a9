from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from lemmata.errors import StoreError
from lemmata.protocols import OutcomeCache
from lemmata.store import Store
from lemmata.store.cache import MAX_OUTCOME_CHARACTERS
from lemmata.store.models import OutcomeRow


def rows(store: Store) -> int:
    with store._engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(OutcomeRow)).scalar_one()


def test_outcomes_are_remembered_across_runs_for_one_environment(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        cache: OutcomeCache = store.outcome_cache("z3 5.4")
        assert cache.lookup("goal", "step") is None
        cache.remember("goal", "step", '{"closed": 1}')
        assert cache.lookup("goal", "step") == '{"closed": 1}'
    with Store.open(tmp_path / "s.db") as store:
        assert store.outcome_cache("z3 5.4").lookup("goal", "step") == '{"closed": 1}'
        assert store.outcome_cache("z3 5.5").lookup("goal", "step") is None


def test_the_first_outcome_stays(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as one, Store.open(tmp_path / "s.db") as two:
        first, second = one.outcome_cache("e"), two.outcome_cache("e")
        first.remember("g", "s", "1")
        one._writer.flush()
        second.remember("g", "s", "2")
        two._writer.flush()
        assert one.outcome_cache("e").lookup("g", "s") == "1"
        assert rows(one) == 1


def test_what_is_too_long_is_not_remembered(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        cache = store.outcome_cache("e")
        cache.remember("g", "s", "x" * (MAX_OUTCOME_CHARACTERS + 1))
        assert cache.lookup("g", "s") is None


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        cache = store.outcome_cache("e", max_rows=10)
        for number in range(35):
            cache.remember("g", str(number), "x")
            if number % 4 == 0:
                store._writer.flush()
    with Store.open(tmp_path / "s.db") as store:
        fresh = store.outcome_cache("e")
        assert [n for n in range(35) if fresh.lookup("g", str(n))] == list(range(25, 35))
        assert rows(store) == 10


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3), st.integers(0, 9)), max_size=30),
)
def test_it_behaves_like_a_dictionary_that_keeps_the_first(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[bool, int, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("cache") / "s.db"
    known: dict[tuple[str, str], str] = {}
    with Store.open(path) as store:
        cache = store.outcome_cache("e")
        for write, goal, step, value in operations:
            key = (str(goal), str(step))
            if write:
                cache.remember(*key, str(value))
                known.setdefault(key, str(value))
            assert cache.lookup(*key) == known.get(key)
    with Store.open(path) as store:
        fresh = store.outcome_cache("e")
        assert {key: fresh.lookup(*key) for key in known} == known


def test_a_broken_cache_is_silent_until_the_next_flush(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "s.db")
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE outcomes")
    cache = store.outcome_cache("e")
    assert cache.lookup("g", "s") is None
    cache.remember("g", "s", "x")
    with pytest.raises(StoreError, match="outcomes"):
        store.close()


def test_there_may_be_many_caches(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        caches = [store.outcome_cache(f"environment {number % 7}") for number in range(100)]
        for cache in caches:
            assert cache.lookup("g", "s") is None
        for number, cache in enumerate(caches):
            cache.remember("g", "s", str(number))
        assert [cache.lookup("g", "s") for cache in caches] == [str(number % 7) for number in range(100)]

"""Small values of Coq types, written without notations: what a counterexample is likely to be made of."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

MOST = 6
"""Values of one type."""

_SORTS: Mapping[str, tuple[str, ...]] = {
    "Prop": ("True", "False"),
    "Type": ("nat", "bool", "unit"),
    "Set": ("nat", "bool", "unit"),
    "bool": ("true", "false"),
    "unit": ("tt",),
    "Z": ("0%Z", "1%Z", "(-1)%Z", "2%Z", "(-2)%Z"),
    "N": ("0%N", "1%N", "2%N", "3%N"),
    "positive": ("1%positive", "2%positive", "3%positive"),
}
_NUMERALS = ("0", "1", "2", "3")
_INDUCTIVE = re.compile(
    r"(?:Inductive|Variant|Record) (\S+)((?: [({][^:(){}]+ : [^(){}]+[)}])*) : ([^:=]*) := (.*)", re.S
)
_PARAMETERS = re.compile(r"[({]([^:]+) :")
_WORD = re.compile(r"[^\W\d][\w'.]*")

Binder = tuple[str, str]


def binders(text: str) -> tuple[list[Binder], str]:
    """Split a type into its leading quantifiers, as pairs of name and type, and the rest; `_` names what has none.

    Args:
        text: the type, printed on one line without notations.
    """
    found: list[Binder] = []
    while text.startswith("forall "):
        at = _top_level(text, ",")
        if at < 0:
            break
        head, text = text[len("forall ") : at].strip(), text[at + 1 :].strip()
        groups = _groups(head) if head.startswith(("(", "{", "[")) else [head]
        for group in groups:
            names, _, kind = group.partition(" : ")
            found += [(name, kind.strip()) for name in names.split()]
    return found, text


def _groups(head: str) -> list[str]:
    groups: list[str] = []
    depth = start = 0
    for i, char in enumerate(head):
        if char in "({[":
            start = i + 1 if not depth else start
            depth += 1
        elif char in ")}]":
            depth -= 1
            if not depth:
                groups.append(head[start:i])
    return groups


def _top_level(text: str, wanted: str) -> int:
    depth = 0
    for i, char in enumerate(text):
        if char == wanted and not depth:
            return i
        depth += (char in "({[") - (char in ")}]")
    return -1


def words(text: str) -> list[str]:
    """Split an application into its head and its arguments."""
    found: list[str] = []
    while text:
        end = _top_level(text, " ")
        found.append(text if end < 0 else text[:end])
        text = "" if end < 0 else text[end + 1 :].lstrip()
    return found


def put(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of names."""
    return _WORD.sub(lambda found: values.get(found[0], found[0]), text)


class Samples:
    """Values by type.

    Args:
        ask: has Coq print the declaration of a name.
        naturals: whether numerals are natural numbers in the file.
    """

    def __init__(self, ask: Callable[[str], Awaitable[str]], *, naturals: bool) -> None:
        self._ask = ask
        self._known: dict[str, tuple[str, ...]] = dict(_SORTS)
        self._known["nat"] = _NUMERALS if naturals else tuple(f"{n}%nat" for n in _NUMERALS)
        self._declared: dict[str, str] = {}

    async def of(self, kind: str, depth: int = 3) -> tuple[str, ...]:
        """Return small values of a closed type, the smallest first; nothing where there are none to be found."""
        kind = kind.strip()
        while kind.startswith("(") and _top_level(kind[1:], ")") == len(kind) - 2:
            kind = kind[1:-1].strip()
        if kind not in self._known:
            found = await self._find(kind, depth) if depth else ()
            if depth < 3:
                return found[:MOST]
            self._known[kind] = found[:MOST]
        return self._known[kind]

    async def _find(self, kind: str, depth: int) -> tuple[str, ...]:
        arguments, result = binders(kind)
        if arguments:
            return await self._functions(arguments, result, depth)
        head, *rest = words(kind)
        match head, rest:
            case "list", [item]:
                values = await self.of(item, depth - 1)
                lists = [("nil",), *((f"(cons {v} nil)",) for v in values[:2])]
                lists += [(f"(cons {a} (cons {b} nil))",) for a, b in itertools.permutations(values[:2], 2)]
                return tuple(text for (text,) in lists)
            case "option", [item]:
                return ("None", *(f"(Some {v})" for v in (await self.of(item, depth - 1))[:3]))
            case "prod", [left, right]:
                pairs = itertools.product((await self.of(left, depth - 1))[:2], (await self.of(right, depth - 1))[:2])
                return tuple(f"(pair {a} {b})" for a, b in pairs)
        return await self._constructed(head, rest, depth)

    async def _functions(self, arguments: list[Binder], result: str, depth: int) -> tuple[str, ...]:
        if any(name != "_" for name, _ in arguments):
            return ()
        names = [f"x{i}" for i in range(len(arguments))]
        ignoring = f"fun {' '.join('_' for _ in names)} =>"
        found = [f"(fun {' '.join(names)} => {n})" for n, (_, t) in zip(names, arguments, strict=True) if t == result]
        found += [f"({ignoring} {value})" for value in (await self.of(result, depth - 1))[:3]]
        if result == "nat" and [t for _, t in arguments] == ["nat"]:
            found.insert(1, "S")
        return tuple(found)

    async def _constructed(self, head: str, parameters: list[str], depth: int) -> tuple[str, ...]:
        if head not in self._declared:
            self._declared[head] = (
                " ".join((await self._ask(f"Print {head}.")).split()) if _WORD.fullmatch(head) else ""
            )
        declared = _INDUCTIVE.match(self._declared[head])
        if declared is None:
            return ()
        names = [name for group in _PARAMETERS.findall(declared[2]) for name in group.split()]
        if len(names) != len(parameters) or declared[3].strip() not in ("Set", "Type", "Prop"):
            return ()
        given = dict(zip(names, parameters, strict=True))
        body = declared[4].split(" Arguments ")[0].removesuffix(".")
        simple: list[str] = []
        compound: list[str] = []
        for clause in body.split(" | "):
            name, _, kind = clause.strip().partition(" : ")
            if not kind or not _WORD.fullmatch(name):
                return ()
            taken, _result = binders(put(kind, given))
            start = [f"@{name}", *parameters] if parameters else [name]
            if not taken:
                simple.append(f"({' '.join(start)})" if parameters else name)
                continue
            choices = [(await self.of(kind, depth - 1))[:2] for _, kind in taken]
            compound += [
                f"({' '.join([*start, *choice])})" for choice in itertools.islice(itertools.product(*choices), 4)
            ]
        return (*simple, *compound)

    async def instances(self, variables: list[Binder], most: int) -> AsyncIterator[dict[str, str]]:
        """Yield values for the variables in order, those first whose values are the smallest; `most` of them.

        Variables from the first on that has no known value are left out, and so are those without a name.
        """
        count = 0
        for weight in range(3 * len(variables) + 1):
            async for instance in self._weighing(variables, {}, weight):
                yield instance
                count += 1
                if count >= most:
                    return

    async def _weighing(
        self, variables: list[Binder], chosen: dict[str, str], weight: int
    ) -> AsyncIterator[dict[str, str]]:
        named = next(((i, v) for i, v in enumerate(variables) if v[0] != "_"), None)
        values = await self.of(put(named[1][1], chosen)) if named else ()
        if named is None or not values:
            if not weight:
                yield chosen
            return
        index, (name, _) = named
        rest = variables[index + 1 :]
        last = not any(n != "_" for n, _ in rest)
        for i, value in enumerate(values[: weight + 1]):
            if last and i != weight:
                continue
            async for instance in self._weighing(rest, {**chosen, name: value}, weight - i):
                yield instance

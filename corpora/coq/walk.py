"""A Coq file walked from end to end in one process: its proofs, each step with the goals before and after it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from checkers.coq import goals
from checkers.coq.goals import Display, Printed
from checkers.coq.sentences import Sentence
from checkers.coq.toplevel import Interrupted, Reply, Toplevel
from corpora.coq import script
from corpora.coq.naming import Names, Scope, mentioned
from corpora.coq.script import Kind, Reading
from lemmata.errors import BackendCrashed, LemmataError

MOST_SUBGOALS = 32
"""A step that leaves more goals is no record."""
LONGEST_GOAL = 16_000
"""Most characters of a goal in a record."""
_ON_THE_SHELF = re.compile(r"^All the remaining goals are on the shelf", re.M)
_EVERYWHERE = re.compile(r"Set\s+Default\s+Goal\s+Selector\s+\"(\w+)\"")
_OBLIGATION = re.compile(r"(?:Next|Final)\s+Obligation\b|Obligation\s+\d+")

Wanted = Callable[[str, int], Sequence[str]]
"""Given a theorem's full name and the number of a step, returns plain steps to try there."""
IDLE = "it changes nothing"
"""Why a step is no record that most proofs do as well without."""
TRY_SECONDS = 60.0
"""How long such a step may take."""
Left = tuple[Printed, ...] | str
"""The goals that a step left in place of the first one, or why it is no record."""


_STATES = frozenset("Lemma Theorem Corollary Remark Fact Proposition Property".split())
"""Commands after which a proof that ends in `Qed` leaves nothing but its theorem."""


def nothing(_theorem: str, _index: int) -> Sequence[str]:
    """Want no steps to be tried."""
    return ()


class Refused(LemmataError):
    """Coq refuses a sentence of a file."""

    def __init__(self, message: str, sentence: Sentence) -> None:
        super().__init__(message)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Taken:
    """A step of a proof."""

    sentence: Sentence
    index: int
    text: str
    """As a session takes it."""
    before: Printed
    plain: Printed
    """The same goal without notations."""
    after: tuple[Printed, ...]
    names: tuple[str, ...]
    """What it may name."""
    tried: Mapping[str, Left]
    """What the steps that were wanted there left."""


@dataclass(slots=True)
class Proof:
    """A proof of a file."""

    theorem: str
    """Full name."""
    statement: str
    opened: Sentence
    ending: str = ""
    """The sentence that ended it; empty where it did not end."""
    steps: list[Taken] = field(default_factory=list)
    count: int = 0
    """How many steps it has, with those that are no records."""
    left_out: Counter[str] = field(default_factory=Counter)
    """How many of its steps are no records, by reason."""
    failure: str = ""
    """What Coq said of the sentence that it refused."""
    failed_at: Sentence | None = None
    premises: list[tuple[str, ...]] = field(default_factory=list)
    """Full names, for each of `steps`."""

    @property
    def human(self) -> bool:
        """Whether its author said that it proves its theorem."""
        return bool(self.failure) or not script.gives_up(self.ending)


@dataclass(slots=True)
class _Open:
    """A proof that is not ended, and the goals there."""

    proof: Proof
    name: str
    """As Coq calls it, short."""
    seen: Display
    plain: Printed | None
    """The first of them without notations."""
    begun: int
    """The state after its statement."""
    tactic: str = ""
    """What `...` stands for."""

    def saw(self, shown: Reply, plain: Printed | None) -> None:
        """Take note of the goals that there are now, if they are shown."""
        if (seen := _seen(shown)) is not None:
            self.seen, self.plain = seen, plain


class Walk:
    """Walks over one file; made for one process that has loaded nothing.

    Args:
        coq: the process.
        sentences: of the file.
        top: the file's logical name.
        wanted: steps to try beside those of the file.
        only: theorems whose proofs are of interest: others are taken for granted where that changes nothing for what
            follows. All are by default.
    """

    def __init__(
        self,
        coq: Toplevel,
        sentences: Sequence[Sentence],
        top: str,
        wanted: Wanted = nothing,
        only: frozenset[str] | None = None,
    ) -> None:
        self._coq = coq
        self._sentences = sentences
        self._wanted = wanted
        self._only = only
        self._scope = Scope(top)
        self._names = Names()
        self._open: list[_Open] = []
        self._everywhere = False
        self.at = 0
        """How many sentences of the file are behind."""

    async def proofs(self) -> AsyncIterator[Proof]:
        """Yield each proof as it ends.

        Raises:
            Refused: a sentence outside of all proofs is refused, or one that ends a proof.
            BackendError: the process died.
        """
        await self._ask(goals.SETTINGS)
        skipping = False
        for number, sentence in enumerate(self._sentences):
            self.at = number
            if skipping:
                skipping = script.first_word(script.bare(sentence.text)) not in script.ENDINGS
                continue
            if not self._open:
                await self._outside(sentence)
                skipping = await self._granted(number)
                continue
            reply, reading = await self._inside(sentence)
            if reply.failed:
                proof = self._open.pop().proof
                proof.failure, proof.failed_at = reply.error, sentence
                (given_up,) = await self._ask(["Admitted."])
                if given_up.failed:
                    yield proof
                    raise Refused(f"a proof cannot be given up: {given_up.error}", sentence)
                self._command(proof.statement)
                skipping = reading.kind not in (Kind.ENDING, Kind.TERM)
                yield proof
            elif reading.kind in (Kind.ENDING, Kind.TERM):
                proof = self._open.pop().proof
                proof.ending = reading.text
                self._command(proof.statement)
                if self._open:
                    await self._look(self._open[-1])
                yield proof
        self.at = len(self._sentences)

    @property
    def unfinished(self) -> Sequence[Proof]:
        """The proofs that have begun and not ended."""
        return [entry.proof for entry in self._open]

    async def _ask(self, sentences: Sequence[str]) -> list[Reply]:
        return await self._coq.run(sentences, None)

    def _command(self, text: str) -> None:
        self._names.pass_by(text)
        self._scope.pass_by(text)

    async def _outside(self, sentence: Sentence) -> None:
        (reply,) = await self._ask([sentence.text])
        if reply.failed:
            raise Refused(reply.error, sentence)
        text = script.bare(sentence.text)
        self._command(text)
        if found := _EVERYWHERE.match(text):
            self._everywhere = found[1] == "all"
        await self._begin(sentence, text, reply)

    async def _granted(self, number: int) -> bool:
        """Give up the proof that a sentence has begun, where nobody will miss it; say whether that was done."""
        if self._only is None or not self._open or self._open[-1].proof.theorem in self._only:
            return False
        # In a section, the proof decides which of its variables the theorem is about.
        if self._scope.in_section or script.first_word(self._open[-1].proof.statement) not in _STATES:
            return False
        for sentence in self._sentences[number + 1 :]:
            reading = script.read(sentence.text, "", False)
            if reading.kind is Kind.ENDING:
                if reading.text != "Qed":
                    return False
                break
            if reading.kind is Kind.TERM or (reading.kind is Kind.COMMAND and reading.text != "Proof"):
                return False
        (reply,) = await self._ask(["Admitted."])
        if reply.failed:
            return False
        self._command(self._open.pop().proof.statement)
        return True

    async def _begin(self, sentence: Sentence, text: str, reply: Reply) -> None:
        """See whether a command has begun a proof."""
        if goals.display(reply.text) is None:
            return
        named, shown, plain = await self._shown("Show Conjectures.")
        seen = _seen(shown)
        if seen is None:
            return
        names = [] if named.failed else named.text.split()
        if not names or (self._open and self._open[-1].name == names[0]):
            return
        statement = text
        if _OBLIGATION.match(text) and seen.first:
            statement = f"{text} {names[0]} : {seen.first.conclusion}"
        self._open.append(
            _Open(Proof(self._scope.named(names[0]), statement, sentence), names[0], seen, plain, reply.state)
        )

    async def _inside(self, sentence: Sentence) -> tuple[Reply, Reading]:
        now = self._open[-1]
        reading = script.read(sentence.text, now.tactic, self._everywhere)
        tried: dict[str, Left] = {}
        proof = now.proof
        if reading.kind in (Kind.STEP, Kind.TERM):
            for other in self._wanted(proof.theorem, proof.count):
                tried[other] = await self._try(now, other)
            proof.count += 1
        term: Left = ()
        if reading.kind is Kind.TERM:
            term = await self._try(now, reading.step) if reading.step else reading.why
        if reading.kind is Kind.ENDING:
            await self._resolve(proof)
        # A term has to follow the statement, whatever was asked in between.
        back = [f"BackTo {now.begun}."] if reading.kind is Kind.TERM else []
        reply, shown, plain = await self._shown(sentence.text, *back)
        if reply.failed:
            return reply, reading
        match reading.kind:
            case Kind.STEP:
                before = now.seen, now.plain
                now.saw(shown, plain)
                self._add(now, sentence, reading, await self._left(before[0], reading, shown), *before, tried)
            case Kind.TERM:
                self._add(now, sentence, reading, term, now.seen, now.plain, tried)
                await self._resolve(proof)
            case Kind.COMMAND:
                await self._commanded(now, sentence, reading.text, reply)
            case Kind.STRUCTURE:
                now.saw(shown, plain)
        return reply, reading

    async def _look(self, now: _Open) -> None:
        """See what goals there are: only what Coq answers when it is asked is believed, as sentences may print them."""
        _, shown, plain = await self._shown()
        now.saw(shown, plain)

    async def _shown(self, sentence: str = "", *before: str) -> tuple[Reply, Reply, Printed | None]:
        """Say a sentence, and return the reply, what is shown then, and the first goal there without notations."""
        asked = [*before, *([sentence] if sentence else []), "Show."]
        replies = await self._ask([*asked, "Unset Printing Notations.", "Show 1.", "Set Printing Notations."])
        first = replies[-2]
        return (
            replies[-5] if sentence else replies[-4],
            replies[-4],
            None if first.failed else goals.printed(first.text),
        )

    async def _commanded(self, now: _Open, sentence: Sentence, text: str, reply: Reply) -> None:
        if (tactic := script.default_tactic(text)) is not None:
            now.tactic = tactic
        if script.first_word(text) in ("Undo", "Restart"):
            # What was recorded is not the proof.
            now.proof.left_out["undone"] += len(now.proof.steps)
            now.proof.steps.clear()
        self._command(text)
        depth = len(self._open)
        await self._begin(sentence, text, reply)
        if len(self._open) == depth:
            await self._look(now)

    async def _try(self, now: _Open, step: str) -> Left:
        """Try a step where the process is, and go back; return what it left in place of the goal, or why not."""
        state = self._coq.state
        try:
            reply, shown = await self._coq.run([f"1: {step}.", "Show."], TRY_SECONDS)
        except Interrupted:
            left: Left = f"it takes over {TRY_SECONDS:g} s"
        else:
            if reply.failed:
                return f"Coq refuses it: {reply.error}"
            left = await self._left(now.seen, Reading(Kind.STEP, step, step), shown)
        (back,) = await self._ask([f"BackTo {state}."])
        if back.failed:
            raise BackendCrashed(f"coqtop does not go back: {back.error}")
        return left

    async def _left(self, before: Display, reading: Reading, shown: Reply) -> Left:
        """Return the goals that a step left in place of the first one, or why it is no record."""
        if not reading.step:
            return reading.why
        if reading.only_alone and before.count != 1:
            return "a goal selector"
        if before.first is None:
            return "no goal in focus"
        seen = _seen(shown)
        if seen is None:
            return "a goal cannot be shown"
        if seen == before:
            return IDLE
        count = seen.count - (before.count - 1)
        if count < 0 or not _same(before.others, seen.others[max(count - 1, 0) :] if count else _all(seen)):
            return "it changes other goals"
        if count > MOST_SUBGOALS:
            return f"more than {MOST_SUBGOALS} goals"
        if count == 0:
            return ()
        more = await self._ask([f"Show {number}." for number in range(2, count + 1)]) if count > 1 else []
        after = [seen.first, *(goals.printed(one.text) for one in more)]
        if any(_size(goal) > LONGEST_GOAL for goal in (before.first, *after)):
            return "a goal is too long"
        found = tuple(goal for goal in after if goal is not None)
        return found if len(found) == len(after) else "a goal cannot be shown"

    def _add(
        self,
        now: _Open,
        sentence: Sentence,
        reading: Reading,
        left: Left,
        before: Display,
        plain: Printed | None,
        tried: Mapping[str, Left],
    ) -> None:
        proof = now.proof
        if not isinstance(left, str) and (before.first is None or plain is None):
            left = "no goal in focus"
        if isinstance(left, str) or before.first is None or plain is None:
            proof.left_out[str(left)] += 1
            return
        local = frozenset(given.name for goal in (before.first, *left) for given in goal.hypotheses)
        names = tuple(mentioned(reading.step, local))
        proof.steps.append(Taken(sentence, proof.count - 1, reading.step, before.first, plain, left, names, tried))

    async def _resolve(self, proof: Proof) -> None:
        """Ask what the names of a proof's steps mean, here where they mean it."""
        asked = self._names.unknown(name for step in proof.steps for name in step.names)
        if asked:
            replies = await self._ask([Names.question(name) for name in asked])
            self._names.answered(asked, replies, self._scope)
        proof.premises = [self._names.full(step.names) for step in proof.steps]


def _seen(reply: Reply) -> Display | None:
    """Return the goals that a reply shows; where the rest are on the shelf, none is in focus."""
    if _ON_THE_SHELF.search(reply.text):
        return Display(0, None, (), 1, False)
    return goals.display(reply.text)


def _all(seen: Display) -> tuple[str, ...]:
    """Return the conclusions of all goals shown."""
    return (seen.first.conclusion, *seen.others) if seen.first else seen.others


def _same(before: Sequence[str], after: Sequence[str]) -> bool:
    """Say whether goals stayed as they were, but for existential variables that they know the value of now."""
    return len(before) == len(after) and all(
        old == new or goals.existentials(old) for old, new in zip(before, after, strict=True)
    )


def _size(goal: Printed | None) -> int:
    return 0 if goal is None else len(goal.conclusion) + sum(len(h.name) + len(h.text) for h in goal.hypotheses)

"""Which assumptions a proof may rest on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.coq.assumptions import Surroundings
from checkers.coq.inquiry import Answers, Origin

_STANDARD = {"Coq": ("theories",), "Corelib": ("theories",), "Stdlib": ("theories", "user-contrib/Stdlib")}


@dataclass(frozen=True, slots=True)
class Permission:
    """Judges the assumptions of one theorem."""

    surroundings: Surroundings
    where: Path
    """The folder of the standard library."""
    theorem: str
    """Its bare name."""
    other_holes: str
    """Full name of the axiom that stands for the other holes of the same proof, empty where there is none."""
    allowed: Collection[str]
    """Names from the options, or `*`."""

    def why(self, origin: Origin) -> str:
        """Return why an assumption is allowed, empty where it is not."""
        match origin.assumption.kind:
            case "variable":
                return "section variable"
            case "axiom" if origin.full:
                return self._why(origin)
            case "unsafe" if origin.assumption.text == "Set is impredicative":
                return "the project's own option"
        return ""

    def _why(self, origin: Origin) -> str:
        name, around = origin.full, self.surroundings
        if name == self.other_holes:
            return "stands for the other holes of this proof"
        if "*" in self.allowed or any(name == known or name.endswith(f".{known}") for known in self.allowed):
            return "allowed by allow_axioms"
        if around.own(name):
            return "field of the module type around the theorem" if around.interface(name) else ""
        if origin.library:
            return "standard library" if self._standard(origin) else ""
        return "parameter of the functor around the theorem" if around.parameter(name) else ""

    def _standard(self, origin: Origin) -> bool:
        folders = _STANDARD.get(origin.library.partition(".")[0], ())
        file = Path(origin.file)
        return bool(origin.file) and any(file.is_relative_to(self.where / folder) for folder in folders)

    def refused(self, origins: Sequence[Origin], before: Answers | None = None) -> list[Origin]:
        """Return the assumptions that are not allowed.

        Args:
            origins: what the new proof rests on.
            before: what the source's own complete proof rests on; what that assumes is allowed too, but for an
                unsafe construction in the theorem itself.
        """
        known = {o.shown for o in before.origins} if before else set()
        return [o for o in origins if not self.why(o) and not (o.shown in known and not self._itself(o))]

    def _itself(self, origin: Origin) -> bool:
        return origin.assumption.kind == "unsafe" and origin.assumption.name.split(".")[-1] in ("", self.theorem)

    def axioms(self, answers: Answers) -> tuple[str, ...]:
        """Return the names of the axioms proper: nothing that is open around the theorem, and no hole."""
        return tuple(
            origin.shown
            for origin in answers.origins
            if origin.assumption.kind == "axiom" and not self._open(origin) and origin.full != self.other_holes
        )

    def _open(self, origin: Origin) -> bool:
        around, name = self.surroundings, origin.full
        return around.interface(name) if around.own(name) else not origin.library and around.parameter(name)

    def account(self, origins: Sequence[Origin], before: Answers | None = None) -> str:
        """Return every assumption with the reason why it is allowed, for the audit."""
        if not origins:
            return "no assumptions"
        known = "" if before is None else "the source's own proof assumes it"
        return "; ".join(f"{o.shown} ({self.why(o) or known})" for o in origins)

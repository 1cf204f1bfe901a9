"""Certificates: a proof or a counterexample with everything needed to check it again from scratch.

The format is `lemmata.certificate/1`; its JSON Schema is `lemmata/schemas/certificate-1.schema.json`.
A certificate is data from outside like any other: loading one believes nothing of it but its shape.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from lemmata import __version__, strict_json
from lemmata.errors import CertificateError, InputError, Location, StoreError
from lemmata.goal import Obligation
from lemmata.step import Part, Step
from lemmata.verdict import Audit, Verdict

SCHEMA = "lemmata.certificate/1"
SUFFIX = ".lemmata.json"
MAX_BYTES = 64 << 20

_AGAIN = "prove the obligation again to get a new certificate"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a certificate comes from; informative, never a reason to believe it."""

    provers: tuple[str, ...] = ()
    """Names of the provers whose steps are in the proof."""
    model: str | None = None
    seed: int | None = None
    created: str = ""
    """ISO 8601 with the offset from UTC."""
    version: str = ""
    """The version of Lemmata that wrote it."""
    seconds: float = 0.0
    """Wall time of the search."""


@dataclass(frozen=True)
class Certificate:
    """A verdict that anybody can check again; immutable, made by `build` or `load`."""

    obligation: Obligation
    """Its location's file is the path as it was given; `source` is the complete text."""
    absolute_path: str
    verdict: Verdict
    environment: Mapping[str, str]
    graph: Mapping[str, Any]
    steps: tuple[Step, ...]
    """The steps of the proof, root first."""
    artefact: str
    counterexample: Mapping[str, Any] | None
    audits: tuple[Audit, ...]
    provenance: Provenance
    digest: str = ""

    @property
    def key(self) -> str:
        """The key of the obligation it is about."""
        return self.obligation.key

    def to_json(self) -> dict[str, Any]:
        """Return the document as JSON values, `digest` included."""
        where = self.obligation.location
        return {
            "schema": SCHEMA,
            "obligation": {
                "system": self.obligation.system,
                "name": self.obligation.name,
                "path": where.file,
                "absolute_path": self.absolute_path,
                "line": where.line,
                "column": where.column,
                "source_digest": self.obligation.source_digest,
                "source": self.obligation.source,
                "options": dict(self.obligation.options),
            },
            "verdict": self.verdict.value,
            "environment": dict(self.environment),
            "graph": dict(self.graph),
            "steps": [_step_to_json(step) for step in self.steps],
            "artefact": self.artefact,
            "counterexample": None if self.counterexample is None else dict(self.counterexample),
            "audits": [dataclasses.asdict(audit) for audit in self.audits],
            "provenance": {**dataclasses.asdict(self.provenance), "provers": list(self.provenance.provers)},
            "digest": self.digest,
        }

    def dumps(self) -> str:
        """Return the text of the certificate file; `loads` reads it back."""
        return json.dumps(self.to_json(), indent=1, allow_nan=False) + "\n"

    def sealed(self) -> Certificate:
        """Return this certificate with the digest that belongs to its content."""
        return dataclasses.replace(self, digest=_digest(self.to_json()))

    def check_digest(self) -> None:
        """Raise `CertificateError` when the content is not what the digest was made of."""
        _check_digest(self.to_json(), "certificate")

    def save(self, path: Path) -> Path:
        """Write the certificate so that the file is at any moment absent, the old one or complete.

        Args:
            path: where to; missing folders are made.

        Returns:
            `path`.

        Raises:
            StoreError: it cannot be written (full disk, no permission, a folder that is a file).
        """
        partial = path.with_name(f".{path.name[:200]}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                _write_durably(partial, self.dumps().encode("ascii"))
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
        except (OSError, ValueError) as error:
            why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            raise StoreError(
                f"cannot write certificate {_shown(path)}: {why}",
                hint="free some disk space, or choose another folder with --out",
            ) from error
        return path


def build(
    obligation: Obligation,
    verdict: Verdict,
    *,
    environment: Mapping[str, str],
    graph: Mapping[str, Any],
    steps: Sequence[Step],
    artefact: str,
    counterexample: Mapping[str, Any] | None = None,
    audits: Sequence[Audit] = (),
    provers: Sequence[str] = (),
    model: str | None = None,
    seed: int | None = None,
    seconds: float = 0.0,
) -> Certificate:
    """Make the certificate of a verified verdict.

    Args:
        obligation: what was decided; its location's file is the path as the user gave it.
        verdict: `PROVED` or `DISPROVED`.
        environment: checker, versions and flags of the verification.
        graph: the proved part of the proof graph as JSON values, empty for a counterexample.
        steps: the steps of the proof, root first.
        artefact: the final text that the checker accepted.
        counterexample: JSON values; given exactly when the verdict is `DISPROVED`.
        audits: what was run on the artefact.
        provers: who contributed to the proof.
        model: name of the neural model, when one was used.
        seed: of the search's random choices.
        seconds: wall time of the search.

    Raises:
        ValueError: the verdict is neither proved nor disproved, or does not go with the counterexample.
    """
    if verdict not in (Verdict.PROVED, Verdict.DISPROVED):
        raise ValueError(f"there is no certificate of {verdict.value!r}")
    if (counterexample is not None) != (verdict is Verdict.DISPROVED):
        raise ValueError("a counterexample goes with disproved, and with nothing else")
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    # Tuples and the like become what a reader of the file will see: equal before and after a round trip.
    plain = json.loads(json.dumps([graph, counterexample], allow_nan=False))
    return Certificate(
        obligation=obligation,
        absolute_path=os.path.abspath(obligation.location.file),
        verdict=verdict,
        environment=dict(environment),
        graph=plain[0],
        steps=tuple(steps),
        artefact=artefact,
        counterexample=plain[1],
        audits=tuple(audits),
        provenance=Provenance(tuple(provers), model, seed, now, __version__, seconds),
    ).sealed()


def load(path: Path) -> Certificate:
    """Read a certificate file.

    Raises:
        InputError: there is no such file, or it cannot be read.
        CertificateError: it is not a well-formed certificate, or was altered.
    """
    name = _shown(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot read certificate {name}: {why}", hint="check the path") from error
    if len(data) > MAX_BYTES:
        raise _bad(name, f"larger than {MAX_BYTES >> 20} MiB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(name, f"not UTF-8 text (byte {error.start})") from error
    return loads(text, name)


def loads(text: str, name: str = "certificate") -> Certificate:
    """Read a certificate's text.

    Args:
        text: the content of a certificate file.
        name: what to call it in messages, for example its path.

    Raises:
        CertificateError: it is not a well-formed certificate, or was altered.
    """
    document = _parse(text, name)
    _check_schema(document, name)
    certificate = _from_json(document)
    if certificate.obligation.source_digest != document["obligation"]["source_digest"]:
        raise _bad(name, "the embedded source was altered: its digest is not source_digest", _AGAIN)
    _check_digest(document, name)
    return certificate


def file_name(obligation: Obligation) -> str:
    """Return the file name for an obligation's certificate: `<stem>.<obligation>.<short key>.lemmata.json`."""
    stem = _portable(Path(obligation.location.file).stem)
    return f"{stem}.{_portable(obligation.name)}.{obligation.key[:8]}{SUFFIX}"


def _portable(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text)[:80] or "_"


def _shown(path: Path) -> str:
    # A message must be printable whatever bytes the file name has.
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _bad(name: str, why: str, hint: str = "") -> CertificateError:
    return CertificateError(f"{name}: not a valid certificate: {why}", hint=hint)


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _digest(document: Mapping[str, Any]) -> str:
    body = {key: value for key, value in document.items() if key != "digest"}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _check_digest(document: Mapping[str, Any], name: str) -> None:
    if _digest(document) != document["digest"]:
        raise _bad(name, "it was altered after it was written: its digest does not match its content", _AGAIN)


def _parse(text: str, name: str) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise _bad(name, f"larger than {MAX_BYTES >> 20} MiB")
    try:
        document = strict_json.parse(text)
    except ValueError as error:
        raise _bad(name, str(error)) from error
    if not isinstance(document, dict):
        raise _bad(name, "the document is not an object")
    return document


@functools.cache
def _validator() -> Any:
    # Imported here: most commands never load a certificate, and the import takes longer than `--help` may.
    import jsonschema

    text = resources.files("lemmata").joinpath("schemas/certificate-1.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def _check_schema(document: dict[str, Any], name: str) -> None:
    schema = document.get("schema")
    if schema != SCHEMA:
        raise _bad(name, f"its schema is {_brief(schema)}, not {SCHEMA!r}")
    error = next(_validator().iter_errors(document), None)
    if error is None:
        return
    place = ".".join(str(part) for part in error.absolute_path) or "the document"
    match error.validator:
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            why = f"{missing!r} is missing"
        case "additionalProperties" if error.validator_value is False:
            extra = next(key for key in error.instance if key not in error.schema["properties"])
            why = f"{_brief(extra)} is not a known key"
        case "type":
            why = f"{_brief(error.instance)} is not of type {error.validator_value}"
        case "enum" | "const":
            why = f"{_brief(error.instance)} is not {error.validator_value!r}"
        case _:
            why = f"{_brief(error.instance)} breaks {error.validator}: {error.validator_value!r}"
    raise _bad(name, f"{_brief(place, 120)[1:-1]}: {why}")


def _brief(value: Any, length: int = 40) -> str:
    text = ascii(value)
    return text if len(text) <= length else f"{text[: length - 4]}...{text[-1]}"


def _step_to_json(step: Step) -> dict[str, Any]:
    body = {"kind": step.kind, "text": step.text, "parts": [dataclasses.asdict(part) for part in step.parts]}
    return body if step.subgoals is None else {**body, "subgoals": step.subgoals}


def _from_json(document: Mapping[str, Any]) -> Certificate:
    what = document["obligation"]
    origin = document["provenance"]
    return Certificate(
        obligation=Obligation(
            system=what["system"],
            name=what["name"],
            source=what["source"],
            location=Location(what["path"], what["line"], what["column"]),
            options=tuple(sorted(what["options"].items())),
        ),
        absolute_path=what["absolute_path"],
        verdict=Verdict(document["verdict"]),
        environment=document["environment"],
        graph=document["graph"],
        steps=tuple(
            Step(step["text"], step["kind"], tuple(Part(**part) for part in step["parts"]), step.get("subgoals"))
            for step in document["steps"]
        ),
        artefact=document["artefact"],
        counterexample=document["counterexample"],
        audits=tuple(Audit(**audit) for audit in document["audits"]),
        provenance=Provenance(**{**origin, "provers": tuple(origin["provers"])}),
        digest=document["digest"],
    )

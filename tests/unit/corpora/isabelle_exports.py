"""Writes what Isabelle exports of a theory, from a list of commands, as the sources of Isabelle say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SYMBOL = re.compile(r"\\<\^?\w+>|.", re.S)
_FACT = re.compile(r"\[\[(\w[\w.]*)\|([\w.]+)\]\]")


def element(name: str, body: str = "", /, **properties: object) -> str:
    told = "".join(f"\x06{key}={value}" for key, value in properties.items())
    return f"\x05\x06{name}{told}\x05{body}\x05\x06\x05"


@dataclass(frozen=True)
class Said:
    """A command: facts are written `[[name|full.name]]`, made ones `<<name|full.name>>`."""

    text: str
    state: str = ""
    kind: str = ""
    behind: str = "\n"


def printed(state: str) -> str:
    """Mark a state up as a pretty printer does: what stands in a line more to the right is a block with an indentation.

    Indentations are no text but those of subgoals.
    """
    lines = state.split("\n")
    made, at = "", 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and lines[end].startswith("  "):
            end += 1
        inner = "\n".join(_words(line.removeprefix("  ")) for line in lines[at:end])
        made += ("\n" if at else "") + element("block", inner, indent=2)
        at = end
    return element("xml_elem", element("xml_body", "hidden") + made, xml_name="proof_state")


def _words(line: str) -> str:
    words = (element("free", word) if len(word) == 1 and word.isalpha() else word for word in line.split(" "))
    return element("break", " ", width=1, indent=2).join(words)


def markup(text: str) -> str:
    text = re.sub(
        r"<<(\w[\w.]*)\|([\w.]+)>>", lambda m: element("entity", m[1], kind="fact", name=m[2], **{"def": 7}), text
    )
    text = _FACT.sub(lambda m: element("entity", m[1], kind="fact", name=m[2], ref=7), text)
    name, blank, rest = text.partition(" ")
    keyword = element("entity", element("keyword1", name), kind="command", name=name, ref=3)
    hidden = element("xml_elem", element("xml_body", "nat") + rest, xml_name="typing")
    return keyword + blank + (hidden if rest else "")


def bare(text: str) -> str:
    return re.sub(r"(?:\[\[|<<)([\w.]+)\|[\w.]+(?:\]\]|>>)", r"\1", text)


def export(folder: Path, theory: str, commands: Sequence[Said], file: str = "") -> Path:
    """Write the exports of a theory, and return its folder."""
    whole, messages, offset = "", [element("writeln_message", "Hello", serial=1, offset=1)], 1
    for serial, said in enumerate(commands, 2):
        name = bare(said.text).split()[0]
        if said.state:
            end = offset + len(name)
            place = {
                "line": 1,
                "offset": offset,
                "end_offset": end,
                "file": file or f"~~/{theory.rpartition('.')[2]}.thy",
                "serial": serial,
            }
            messages.append(element("state_message", printed(said.state), **place))
        kind = {"kind": said.kind} if said.kind else {}
        whole += element("command_span", markup(said.text), name=name, **kind) + said.behind
        offset += len(_SYMBOL.findall(bare(said.text) + said.behind))
    made = folder / theory / "PIDE"
    made.mkdir(parents=True)
    (made / "markup").write_text(whole)
    (made / "messages").write_text("".join(messages))
    if file:
        (made / "files").write_text(f"{file}\n")
    return made.parent

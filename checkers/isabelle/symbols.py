r"""Isabelle symbols: what positions in messages count.

A symbol is `\<name>` or `\<^name>`, one Unicode character, or one line end (`\r\n` counts once); offsets count from 1
("The Isabelle/Isar Implementation", section "Strings of symbols", and type `position` in "The Isabelle server" of the
Isabelle system manual).
"""

from __future__ import annotations

import re
import string
from bisect import bisect_left, bisect_right

_SYMBOL = re.compile(r"\\<\^?[A-Za-z][A-Za-z0-9_']*>|\r\n|.", re.S)


_SIGNS = """
⋀ And ⟹ Longrightarrow ⟦ lbrakk ⟧ rbrakk ⇒ Rightarrow → rightarrow ⟶ longrightarrow ← leftarrow ⟵ longleftarrow
⟷ longleftrightarrow ↔ leftrightarrow ⇔ Leftrightarrow ⟺ Longleftrightarrow ⇐ Leftarrow ⟸ Longleftarrow ↦ mapsto
⟼ longmapsto ⇀ rightharpoonup ↽ leftharpoondown ⇌ rightleftharpoons ↝ leadsto ↾ restriction ↑ up ↓ down
∀ forall ∃ exists ∄ nexists ∧ and ∨ or ¬ not λ lambda ≡ equiv ≠ noteq ≤ le ≥ ge ≪ lless ≫ ggreater ∈ in ∉ notin
∪ union ∩ inter ⋃ Union ⋂ Inter ⊆ subseteq ⊂ subset ⊇ supseteq ⊃ supset ∅ emptyset × times ÷ div ⋅ cdot ∘ circ
⊕ oplus ⊗ otimes ⊙ odot ⊖ ominus ⊘ oslash ⊎ uplus ⊔ squnion ⊓ sqinter ⨆ Squnion ⨅ Sqinter ⊑ sqsubseteq ⊏ sqsubset
⊒ sqsupseteq ⊐ sqsupset ⊥ bottom ⊤ top ∞ infinity ∑ Sum ∏ Prod ∐ Coprod ∫ integral ∂ partial ∇ nabla √ sqrt
⟨ langle ⟩ rangle ⌈ lceil ⌉ rceil ⌊ lfloor ⌋ rfloor ⦇ lparr ⦈ rparr « guillemotleft » guillemotright
≈ approx ∼ sim ≃ simeq ≅ cong ≐ doteq ∝ propto ≺ prec ≻ succ ≼ preceq ≽ succeq ⊢ turnstile ⊨ Turnstile
⊩ tturnstile ⊫ TTurnstile ⊣ stileturn ∥ parallel ∣ mid ¦ bar ∖ setminus ± plusminus ∓ minusplus † dagger ‡ ddagger
⋆ star ∙ bullet … dots ⋯ cdots ℕ nat ℤ int ℚ rat ℝ real ℂ complex ℵ aleph ℘ wp ‹ open › close ― comment ◇ diamond □ box
⋄ diamondop △ triangle ▹ triangleright ◃ triangleleft ⨂ Otimes ⨁ Oplus ⨀ Odot ⨄ Uplus ⋁ Or ¯ inverse ¤ currency
ϵ some α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa μ mu ν nu ξ xi π pi ρ rho σ sigma
τ tau υ upsilon φ phi χ chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Υ Upsilon Φ Phi Ψ Psi
Ω Omega 𝔹 bool ⇩ ^sub ⇧ ^sup ❙ ^bold
"""


def _unicode() -> dict[str, str]:
    words = _SIGNS.split()
    table = dict(zip(words[::2], words[1::2], strict=True))
    script = "𝒜ℬ𝒞𝒟ℰℱ𝒢ℋℐ𝒥𝒦ℒℳ𝒩𝒪𝒫𝒬ℛ𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵"
    table.update(zip(script, string.ascii_uppercase, strict=True))
    fraktur = "𝔄𝔅ℭ𝔇𝔈𝔉𝔊ℌℑ𝔍𝔎𝔏𝔐𝔑𝔒𝔓𝔔ℜ𝔖𝔗𝔘𝔙𝔚𝔛𝔜ℨ"
    table.update((char, letter * 2) for char, letter in zip(fraktur, string.ascii_uppercase, strict=True))
    for i, letter in enumerate(string.ascii_lowercase):
        table[chr(0x1D5BA + i)] = letter
        table[chr(0x1D51E + i)] = letter * 2
    return table


UNICODE = _unicode()
"""Characters that stand for symbols, and the names of those (file `etc/symbols` of the distribution)."""

_NAMED = str.maketrans({char: rf"\<{name}>" for char, name in UNICODE.items()})


def encoded(text: str) -> str:
    r"""Write the symbols of a text as `\<name>`, which the build understands; other characters stay what they are."""
    return text if text.isascii() else text.translate(_NAMED)


class Lines:
    """Where indices of a text lie in its lines; lines and columns count from 1.

    Args:
        text: as it stands in the file.
    """

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """Return the line and the column of an index."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


class Symbols:
    """The symbols of a text, for going from offsets in messages to indices of the text and back.

    Args:
        text: as it stands in the file.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [found.start() for found in _SYMBOL.finditer(text)]

    def __len__(self) -> int:
        return len(self._starts)

    def index(self, offset: int) -> int:
        """Return the index at which the symbol with this offset starts; the text's length behind its last symbol."""
        position = max(offset, 1) - 1
        return self._starts[position] if position < len(self._starts) else len(self._text)

    def offset(self, index: int) -> int:
        """Return the offset of the first symbol that does not start before an index."""
        return bisect_left(self._starts, index) + 1

"""Line and bar charts as SVG: one self-contained file, without scripts, style sheets or anything from elsewhere."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

_WIDTH, _LEFT, _RIGHT, _TOP = 720, 70, 690, 50
_BOTTOM = 390
"""Where the plot ends; the legend follows below and makes the picture higher."""
_LEGEND, _ROW, _COLUMN = 460, 20, 310
_BARS_LEFT, _BAR, _BAR_NAME_LENGTH = 230, 22, 30
_NAME_LENGTH, _TITLE_LENGTH, _LABEL_LENGTH = 40, 80, 60
_MOST_MARKS = 40
"""Longer series are drawn without a mark at each point."""
_MOST_DECADES = 7
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""Told apart by people with any colour vision (M. Okabe and K. Ito, "Color universal design", 2008)."""
_DASHES = ("", "7 3", "2 3", "9 3 2 3")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not occur in XML 1.0, not even escaped (section 2.2 of its specification)."""


@dataclass(frozen=True, slots=True)
class Series:
    """A named line."""

    name: str
    points: tuple[tuple[float, float], ...]
    """In the order in which they are joined; a point that an axis has no place for is left out."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What is drawn along one side."""

    label: str
    log: bool = False
    """Whether equal distances are equal factors; then it has no place for numbers that are not above 0."""
    ticks: tuple[float, ...] = ()
    """Where its marks are; they are always in the picture. Empty chooses them by the points."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where an axis has its numbers."""

    place: Callable[[float], Fraction]
    low: Fraction
    high: Fraction
    ticks: tuple[tuple[Fraction, str], ...]

    def at(self, place: Fraction, start: int, end: int) -> str:
        """Return the coordinate of a place where the axis runs from `start` to `end`."""
        share = (place - self.low) / (self.high - self.low) if self.high > self.low else Fraction(1, 2)
        # In fractions up to here, as the difference of two floats may be too large for a float.
        return f"{float(start + share * (end - start)):.2f}"


def bar_chart(bars: Sequence[tuple[str, float]], *, title: str, label: str) -> str:
    """Draw numbers as bars, one below the other.

    Args:
        bars: what each stands for and its number, from the top; one that is not above 0 is as long as nothing.
        title: stands above the plot, and is what screen readers say.
        label: what the numbers are.

    Returns:
        An SVG 1.1 document that ends with a line break.
    """
    height = _TOP + _BAR * max(len(bars), 1) + 60
    root = _picture(height, title, f"{label}: {', '.join(name for name, _ in bars)}")
    bottom = height - 60
    across = _scale(Axis(label), [0.0, *(value for _, value in bars if math.isfinite(value))])
    for place, tick in across.ticks:
        at = across.at(place, _BARS_LEFT, _RIGHT)
        SubElement(root, "line", x1=at, x2=at, y1=str(_TOP), y2=str(bottom), stroke="#dddddd")
        _text(root, float(at), bottom + 18, tick, anchor="middle")
    zero = across.at(Fraction(0), _BARS_LEFT, _RIGHT)
    for number, (name, value) in enumerate(bars):
        top = _TOP + _BAR * number
        long = float(across.at(Fraction(max(value, 0.0)), _BARS_LEFT, _RIGHT)) if math.isfinite(value) else float(zero)
        bar = SubElement(root, "rect", x=zero, y=str(top + 3), height=str(_BAR - 6), fill=_COLORS[0])
        bar.set("width", f"{max(long - float(zero), 0.0):.2f}")
        SubElement(bar, "title").text = _clean(f"{name}: {value:.10g}")
        _text(root, _BARS_LEFT - 8, top + _BAR / 2 + 4, _short(name, _BAR_NAME_LENGTH), anchor="end")
    _text(root, (_BARS_LEFT + _RIGHT) / 2, bottom + 40, _short(label, _LABEL_LENGTH), anchor="middle")
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def line_chart(series: Sequence[Series], *, title: str, x: Axis, y: Axis) -> str:
    """Draw lines in one picture.

    Args:
        series: the lines; each is in the legend, also where it has no points.
        title: stands above the plot, and is what screen readers say.
        x: the axis at the bottom.
        y: the axis at the left.

    Returns:
        An SVG 1.1 document that ends with a line break.
    """
    kept = [[point for point in line.points if _has_place(point[0], x) and _has_place(point[1], y)] for line in series]
    across = _scale(x, [point[0] for points in kept for point in points])
    up = _scale(y, [point[1] for points in kept for point in points])
    height = _LEGEND + _ROW * math.ceil(len(series) / 2)
    root = _picture(height, title, f"{y.label} over {x.label}: {', '.join(line.name for line in series)}")
    _axes(root, across, up, x, y)
    for number, (line, points) in enumerate(zip(series, kept, strict=True)):
        places = [(across.at(across.place(a), _LEFT, _RIGHT), up.at(up.place(b), _BOTTOM, _TOP)) for a, b in points]
        group = _line(root, number, _short(line.name, _NAME_LENGTH))
        if places:
            SubElement(group, "polyline", fill="none", points=" ".join(f"{a},{b}" for a, b in places))
        for (a, b), point in zip(places, points, strict=True):
            if len(points) <= _MOST_MARKS:
                mark = SubElement(group, "circle", cx=a, cy=b, r="3.5", stroke="none")
                SubElement(mark, "title").text = _clean(f"{line.name}: {point[0]:.6g}, {point[1]:.6g}")
    if not any(kept):
        _text(root, (_LEFT + _RIGHT) / 2, (_TOP + _BOTTOM) / 2, "no points", anchor="middle")
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _picture(height: int, title: str, description: str) -> Element:
    """Return an empty picture with its title."""
    root = Element("svg", xmlns="http://www.w3.org/2000/svg", role="img", width=str(_WIDTH), height=str(height))
    root.set("viewBox", f"0 0 {_WIDTH} {height}")
    root.set("font-family", "sans-serif")
    root.set("font-size", "13")
    SubElement(root, "title").text = _clean(title)
    SubElement(root, "desc").text = _clean(description)
    SubElement(root, "rect", width=str(_WIDTH), height=str(height), fill="#ffffff")
    _text(root, (_LEFT + _RIGHT) / 2, 28, _short(title, _TITLE_LENGTH), anchor="middle").set("font-size", "16")
    return root


def _has_place(value: float, axis: Axis) -> bool:
    return math.isfinite(value) and (value > 0 or not axis.log)


def _axes(root: Element, across: _Scale, up: _Scale, x: Axis, y: Axis) -> None:
    for place, label in across.ticks:
        at = across.at(place, _LEFT, _RIGHT)
        SubElement(root, "line", x1=at, x2=at, y1=str(_TOP), y2=str(_BOTTOM), stroke="#dddddd")
        _text(root, float(at), _BOTTOM + 18, label, anchor="middle")
    for place, label in up.ticks:
        at = up.at(place, _BOTTOM, _TOP)
        SubElement(root, "line", x1=str(_LEFT), x2=str(_RIGHT), y1=at, y2=at, stroke="#dddddd")
        _text(root, _LEFT - 8, float(at) + 4, label, anchor="end")
    frame = f"{_LEFT},{_TOP} {_LEFT},{_BOTTOM} {_RIGHT},{_BOTTOM}"
    SubElement(root, "polyline", points=frame, fill="none", stroke="#333333")
    _text(root, (_LEFT + _RIGHT) / 2, _BOTTOM + 40, _short(x.label, _LABEL_LENGTH), anchor="middle")
    beside = _text(root, 18, (_TOP + _BOTTOM) / 2, _short(y.label, _LABEL_LENGTH), anchor="middle")
    beside.set("transform", f"rotate(-90 18 {(_TOP + _BOTTOM) / 2:.2f})")


def _line(root: Element, number: int, name: str) -> Element:
    """Begin a line and write it down in the legend; return the group that it is drawn in."""
    color = _COLORS[number % len(_COLORS)]
    group = SubElement(root, "g", stroke=color, fill=color)
    group.set("stroke-width", "2")
    if dashes := _DASHES[number // len(_COLORS) % len(_DASHES)]:
        group.set("stroke-dasharray", dashes)
    left, height = _LEFT + _COLUMN * (number % 2), _LEGEND + _ROW * (number // 2)
    SubElement(group, "line", x1=str(left), x2=str(left + 26), y1=str(height - 4), y2=str(height - 4))
    _text(root, left + 34, height, name)
    return group


def _scale(axis: Axis, values: Sequence[float]) -> _Scale:
    place = _logarithm if axis.log else Fraction
    marks = [value for value in axis.ticks if _has_place(value, axis)]
    places = [place(value) for value in (*values, *marks)] or [Fraction(0), Fraction(1)]
    low, high = min(places), max(places)
    if marks:
        ticks = [(place(value), f"{value:.10g}") for value in marks]
    elif axis.log:
        low, high = Fraction(math.floor(low)), Fraction(math.ceil(high))
        ticks = _decades(int(low), int(high))
    else:
        ticks = _steps(low, high)
    return _Scale(place, low, high, tuple(ticks))


def _logarithm(value: float) -> Fraction:
    return Fraction(math.log10(value))


def _decades(low: int, high: int) -> list[tuple[Fraction, str]]:
    """Return powers of ten."""
    stride = max(1, math.ceil((high - low) / _MOST_DECADES))
    shown = range(low, high + 1, stride)
    return [(Fraction(n), f"{10.0**n:g}" if abs(n) < 5 else f"1e{n}") for n in shown]


def _steps(low: Fraction, high: Fraction) -> list[tuple[Fraction, str]]:
    """Return multiples of 1, 2 or 5 times a power of ten, at most seven of them."""
    span = high - low
    if not span:
        return [(low, f"{float(low):.10g}")]
    # The two logarithms apart, as the span may be too large or too small for a float.
    exponent = math.floor(math.log10(span.numerator) - math.log10(span.denominator))
    unit = Fraction(10) ** (exponent - 1)
    step = next(unit * factor for factor in (1, 2, 5, 10, 20, 50) if span <= 6 * unit * factor)
    multiples = range(math.ceil(low / step), math.floor(high / step) + 1)
    return [(n * step, f"{float(n * step):.10g}") for n in multiples]


def _text(root: Element, x: float, y: float, text: str, *, anchor: str = "start") -> Element:
    written = SubElement(root, "text", x=f"{x:.2f}", y=f"{y:.2f}", fill="#222222")
    written.set("text-anchor", anchor)
    written.text = text
    return written


def _clean(text: str) -> str:
    """Return a text on one line that XML can hold."""
    return " ".join(_NOT_XML.sub("\ufffd", text).split())


def _short(text: str, length: int) -> str:
    clean = _clean(text)
    return clean if len(clean) <= length else clean[: length - 1] + "…"

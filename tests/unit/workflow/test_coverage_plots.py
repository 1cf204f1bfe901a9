from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from lemmata.workflow.plots import Axis, Series, line_chart

SVG = "{http://www.w3.org/2000/svg}"
numbers = st.floats() | st.sampled_from([5e-324, 1.7e308, -1.7e308, 0.0, -0.0, 1e9, 1e9 + 1e-6]) | st.integers(-9, 9)
texts = st.text(st.characters() | st.sampled_from("<>&\"'\0\x1b\ud800\uffff\r]"), max_size=200)
axes = st.builds(Axis, texts, st.booleans(), st.lists(numbers, max_size=4).map(tuple))
lines = st.lists(st.builds(Series, texts, st.lists(st.tuples(numbers, numbers), max_size=60).map(tuple)), max_size=20)


def coordinates(element: ElementTree.Element) -> list[tuple[float, float]]:
    found = [pair.split(",") for pair in element.get("points", "").split()]
    for x, y in (("x", "y"), ("cx", "cy"), ("x1", "y1"), ("x2", "y2")):
        found += [[element.attrib[x], element.attrib[y]]] if x in element.attrib else []
    return [(float(x), float(y)) for x, y in found]


@given(lines, texts, axes, axes)
def test_any_input_makes_a_picture_within_its_frame(series: list[Series], title: str, x: Axis, y: Axis) -> None:
    picture = line_chart(series, title=title, x=x, y=y)
    root = ElementTree.fromstring(picture.encode())
    _, _, width, height = map(float, root.get("viewBox", "").split())
    assert {element.tag for element in root.iter()} <= {
        SVG + tag for tag in ("svg", "title", "desc", "rect", "text", "g", "line", "polyline", "circle")
    }
    for element in root.iter():
        for across, down in coordinates(element):
            assert 0 <= across <= width
            assert 0 <= down <= height
    assert not re.search(r"(href|style|class|on\w+)=", re.sub(r'"[^"]*"|>[^<]*<', "", picture))


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"), include_characters="<>&'\"")))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    picture = line_chart([Series(text, ((1, 1),))], title=text, x=Axis("x"), y=Axis("y"))
    root = ElementTree.fromstring(picture)
    assert root[0].tag == SVG + "title"
    assert (root[0].text or "") == " ".join(text.split())


def test_points_are_where_their_numbers_say() -> None:
    points = ((1.0, 0.0), (2.0, 0.5), (4.0, 1.0))
    picture = line_chart(
        [Series("a", points)], title="t", x=Axis("k", log=True, ticks=(1.0, 2.0, 4.0)), y=Axis("share")
    )
    root = ElementTree.fromstring(picture)
    (group,) = root.findall(SVG + "g")
    line = group.find(SVG + "polyline")
    assert line is not None
    (left, bottom), middle, (right, top) = coordinates(line)
    assert left < right
    assert top < bottom
    # Equal factors are equal distances.
    assert middle == ((left + right) / 2, (bottom + top) / 2)
    labels = [element.text for element in root.findall(SVG + "text")]
    assert {"t", "k", "share", "a", "1", "2", "4", "0", "0.2", "0.8"} <= set(labels)
    assert [mark.findtext(SVG + "title") for mark in group.findall(SVG + "circle")] == [
        "a: 1, 0",
        "a: 2, 0.5",
        "a: 4, 1",
    ]


def test_lines_can_be_told_apart() -> None:
    series = [Series(f"s{n}", ((0.0, float(n)), (1.0, float(n)))) for n in range(20)]
    root = ElementTree.fromstring(line_chart(series, title="t", x=Axis("x"), y=Axis("y", log=True)))
    looks = [(group.get("stroke"), group.get("stroke-dasharray")) for group in root.findall(SVG + "g")]
    assert len(set(looks)) == 20
    # Zero has no logarithm: that line is in the legend only.
    assert root.findall(SVG + "g")[0].find(SVG + "polyline") is None

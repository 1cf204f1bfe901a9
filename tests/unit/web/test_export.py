"""The exported page: one file, nothing fetched, nothing that the data could turn into markup."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from sites import EVENTS, Site, goal, record

from lemmata.errors import UsageError
from lemmata.plugins.wiring import Workbench
from web.server.assets import Asset
from web.server.export import _write, content, page
from web.server.workshop import Workshop

FILES = {
    "index.html": Asset(
        b'<!doctype html><html lang="en"><head><title>Lemmata</title><link rel="stylesheet" href="./app.css">'
        b'<link rel="icon" href="./favicon.svg"><script defer src="./app.js"></script></head>'
        b'<body><div id="app"></div></body></html>',
        "text/html",
    ),
    "app.js": Asset(b'const x = "</script>"; run();', "text/javascript"),
    "app.css": Asset(b"body { margin: 0 }", "text/css"),
    "favicon.svg": Asset(b"<svg/>", "image/svg+xml"),
}


def gathered(made: Site, name: str) -> dict[str, object]:
    """Return what the page of a view would hold."""
    return asyncio.run(content(made.subjects.find(name), Workshop(Workbench(made.settings))))


def data(text: str) -> dict[str, object]:
    """Return the data inside a page."""
    (found,) = re.findall(r'<script type="application/json" id="lemmata-data">(.*?)</script>', text, re.S)
    return dict(json.loads(found))


def test_the_page_holds_everything(made: Site) -> None:
    text = page(FILES, gathered(made, "t1"))
    told = data(text)
    assert told["log"] == made.json("/api/views/t1/log")["records"]
    assert told["nodes"] == {str(n): made.json(f"/api/views/t1/nodes/{n}") for n in range(7)}
    assert "<title>lemma · proved · Lemmata</title>" in text


def test_nothing_is_fetched(made: Site) -> None:
    text = page(FILES, gathered(made, "t1"))
    assert not re.findall(r'(?:src|href)="(?!data:)[^"]*"', text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028", "\ud800", '"'])
def test_data_stays_data(made: Site, text: str) -> None:
    _, task = record(made.store, [EVENTS[0], goal(0, None, 0, text)], name=text)
    made_page = page(FILES, gathered(made, f"t{task}"))
    assert made_page.count("<script") == 2
    nodes = data(made_page)["nodes"]
    assert isinstance(nodes, dict)
    assert nodes["0"]["conclusion"] == text


def test_a_real_proof_with_its_conditions(searched: Site) -> None:
    told = gathered(searched, "t1")
    assert told["proof"]
    assert told["conditions"]
    assert told["certificate"]


def test_a_page_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("my own page")
    with pytest.raises(UsageError, match="no page of Lemmata's"):
        _write(tmp_path, "x")
    assert (tmp_path / "index.html").read_text() == "my own page"
    (tmp_path / "index.html").write_text('<script id="lemmata-data"')
    _write(tmp_path, "x")
    assert (tmp_path / "index.html").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]

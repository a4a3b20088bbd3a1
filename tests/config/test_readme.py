"""README is short, leads to its documents, and the table of keys is the one that the reader is made from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alertsms.config.keys import reference

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = sorted([README, ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
NAMES = ("on-call", "operations", "ovhcloud", "security", "reliability", "performance", "http", "configuration")


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    text = re.sub(r"(?s)```.*?```", "", page.read_text(encoding="utf-8"))
    titles = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_readme_is_read_in_one_sitting_and_names_every_document():
    text = README.read_text(encoding="utf-8")
    assert len(text.encode()) <= 20_000
    assert [name for name in NAMES if f"(docs/{name}.md)" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_documents_leads_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if "://" in link or link.startswith("mailto:"):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


def test_the_document_of_keys_has_each_with_what_it_is_for_and_its_default():
    """`alertsms config keys` prints the table: paste it there."""
    assert reference() in (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

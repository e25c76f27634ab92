"""The book that `make book` has built, as a reader meets it: at a desk, on a phone, in the dark.

Links, alt texts and weights are read from the files. The rest needs a browser, Chromium; where
there is none, those tests skip. What it saw is kept in `build/screenshots`, what it does there is
in `browse.py`, and what it asks of a page in `pages.js`.
"""

import json
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

import browse

ROOT = Path(__file__).parents[1]
SITE = ROOT / "build" / "demo" / "book" / "_build" / "html"
SCREENSHOTS = ROOT / "build" / "screenshots"
PAGES = browse.pages_of(SITE)
MAX_BYTES = 3_000_000  # of a page on which no clip plays, beside what all pages share
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

pytestmark = pytest.mark.skipif(not PAGES, reason=f"no book at {SITE}: make book")


class Page(HTMLParser):
    """What a page links to, shows and can be linked to."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.pictures, self.clips = set(), [], [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.ids |= {known[name] for name in ("id", "name") if known.get(name)}
        target = known.get("href") or known.get("src")
        if target and tag != "base":
            self.links.append(target)
        if tag == "img":
            self.pictures.append(known)
        if tag in ("audio", "video", "source"):
            self.clips.append(target)


@pytest.fixture(scope="module")
def pages():
    return {path: Page(path) for path in PAGES}


def files_of(path, page):
    """The files of the book that a page names, with the place in each: (file, anchor)."""
    for link in page.links:
        target, anchor = urldefrag(link)
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc:
            yield (path.parent / unquote(parts.path)).resolve() if parts.path else path, anchor


# --- read from the files --------------------------------------------------------------------------


def test_internal_links_lead_somewhere(pages):
    known = {path.resolve(): page.ids for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for target, anchor in set(files_of(path, page)):
            lost = anchor and target.resolve() in known and anchor not in known[target.resolve()]
            if not target.exists() or lost:
                broken.append(f"{browse.name_of(path, SITE)}: {target.name}#{anchor}")
    assert broken == []


def test_every_picture_says_what_it_shows(pages):
    silent = []
    for path, page in pages.items():
        for picture in page.pictures:
            alt = (picture.get("alt") or "").strip()
            if len(alt) < 10 or "_images/" in alt:
                silent.append(
                    f"{browse.name_of(path, SITE)}: {picture.get('src', '')[:60]} {alt!r}"
                )
    assert silent == []


def test_pages_are_light_unless_a_clip_plays(pages):
    heavy = {}
    for path, page in pages.items():
        named = {file for file, _ in files_of(path, page) if "_images" in file.parts}
        weight = sum(file.stat().st_size for file in {path, *filter(Path.exists, named)})
        if weight > MAX_BYTES and not page.clips:
            heavy[browse.name_of(path, SITE)] = weight
    assert heavy == {}


# --- seen in a browser ----------------------------------------------------------------------------


def draws(program, folder):
    """Whether a browser takes a picture of a page in two minutes; some machines let none."""
    protection = ["--no-sandbox"] if browse.UNPROTECTED else []
    options = ["--headless", "--disable-gpu", *protection, f"--user-data-dir={folder}"]
    command = [program, *options, f"--screenshot={folder / 'page.png'}", PAGES[0].as_uri()]
    try:
        subprocess.run(command, capture_output=True, timeout=browse.PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return (folder / "page.png").exists()


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What a headless Chromium saw of all pages."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    found = [*filter(None, map(shutil.which, BROWSERS))]
    if not found:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)}")
    if not draws(found[0], tmp_path_factory.mktemp("browser")):
        pytest.skip(f"{found[0]} draws no page on this machine")
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    command = [sys.executable, browse.__file__, found[0], SITE, SCREENSHOTS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return browse.Seen(**json.loads(done.stdout))


def test_no_page_complains_or_asks_the_network(seen):
    assert seen.said == []


def test_every_picture_can_be_seen(seen):
    assert seen.broken == []


def test_no_page_scrolls_sideways(seen):
    assert seen.wide == []


def test_text_and_figures_are_readable_in_the_light_and_in_the_dark(seen):
    assert seen.unreadable == []


def test_screenshots_are_kept_of_every_page(seen):
    expected = len(PAGES) * len(browse.WIDTHS) * len(browse.MODES)
    assert len(list(SCREENSHOTS.glob("*.jpg"))) == expected


def test_search_finds_what_is_in_the_book(seen):
    assert len(seen.found) > 3

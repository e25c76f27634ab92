"""The small book of `test_book`, as a reader meets it: at a desk, on a phone, in the dark.

Links, alt texts and weights are read from the files. The rest needs a browser; where there is none,
those tests skip, or fail if the environment variable REQUIRE_PAGES is set. What they saw is kept in
`build/screenshots`, and what they ask of a page is in `pages.js`.
"""

import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tells.doctor import find_chromium

ROOT = Path(__file__).parents[1]
SITE = ROOT / "build" / "tiny" / "book" / "_build" / "html"
SCREENSHOTS = ROOT / "build" / "screenshots"
PAGES = sorted(p for p in SITE.rglob("*.html") if not p.relative_to(SITE).parts[0].startswith("_"))
VIEWS = ((1440, "light"), (390, "dark"))  # CSS pixels: at a desk, on a phone
MAX_BYTES = 3_000_000  # of a page on which no clip plays, beside what all pages share
MAX_HEIGHT = 4000  # pixels, of a screenshot
MIN_CONTRAST = 4.5  # of text on its ground, as WCAG 2.1 has it
PATIENCE = 120  # s, that an answer of the browser is waited for
ASK = (Path(__file__).with_name("pages.js")).read_text()
UNPROTECTED = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium has no sandbox for root


def give_up(reason):
    """Skip what cannot be looked at, unless somebody relies on it."""
    (pytest.fail if os.environ.get("REQUIRE_PAGES") else pytest.skip)(reason)


@pytest.fixture(scope="module", autouse=True)
def site():
    if not PAGES:
        give_up(f"no book at {SITE}: make test renders one")


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


def name_of(path):
    return path.relative_to(SITE).with_suffix("").as_posix()


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
                broken.append(f"{name_of(path)}: {target.name}#{anchor}")
    assert broken == []


def test_every_picture_says_what_it_shows(pages):
    silent = []
    for path, page in pages.items():
        for picture in page.pictures:
            alt = (picture.get("alt") or "").strip()
            if len(alt) < 10 or "_images/" in alt:
                silent.append(f"{name_of(path)}: {picture.get('src', '')[:60]} {alt!r}")
    assert silent == []


def test_pages_are_light_unless_a_clip_plays(pages):
    heavy = {}
    for path, page in pages.items():
        named = {file for file, _ in files_of(path, page) if "_images" in file.parts}
        weight = sum(file.stat().st_size for file in {path, *filter(Path.exists, named)})
        if weight > MAX_BYTES and not page.clips:
            heavy[name_of(path)] = weight
    assert heavy == {}


# --- seen in a browser ----------------------------------------------------------------------------


class Seen(NamedTuple):
    """What was wrong with the pages, a line each."""

    said: list[str]  # errors and warnings of the console, requests that failed or left the machine
    broken: list[str]  # pictures
    wide: list[str]  # what makes a page scroll sideways
    unreadable: list[str]  # text without contrast, figures without paper


def draws(program, folder):
    """Whether a browser takes a picture of a page; some machines let none."""
    options = ["--headless", "--disable-gpu", *UNPROTECTED, f"--user-data-dir={folder}"]
    command = [program, *options, f"--screenshot={folder / 'page.png'}", PAGES[0].as_uri()]
    try:
        subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return (folder / "page.png").exists()


@pytest.fixture(scope="module")
def browser(site, tmp_path_factory):
    """Opens pages in a headless Chromium."""
    found = find_chromium()
    if not found:
        give_up("no Chromium: install chromium (Debian, Fedora), or playwright install chromium")
    if not draws(found, tmp_path_factory.mktemp("browser")):
        give_up(f"{found} draws no page on this machine: install another, or its fonts")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=found,
            chromium_sandbox=not UNPROTECTED,
            args=["--disable-gpu"],
            timeout=PATIENCE * 1000,
        )
        context = chromium.new_context(reduced_motion="reduce")
        context.set_default_timeout(PATIENCE * 1000)
        yield context
        chromium.close()


@pytest.fixture(scope="module")
def seen(browser):
    """Every page opened once, and looked at in both views."""
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    found = Seen([], [], [], [])
    window = browser.new_page()
    window.add_init_script(ASK)
    at = {"page": ""}

    def note(text):
        found.said.append(f"{at['page']}: {text}")

    window.on("console", lambda m: m.type in ("error", "warning") and note(m.text))
    window.on("pageerror", lambda error: note(str(error)))
    window.on("requestfailed", lambda request: note(f"cannot load {request.url}"))
    window.on("request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or note(r.url))
    for path in PAGES:
        at["page"] = name_of(path)
        window.goto(path.as_uri())
        look(window, name_of(path), found)
    window.close()
    return found


def look(window, name, found):
    """Photograph a page as it is, then unfold what is folded and examine all of it."""
    for view in VIEWS:
        take(window, view)
        photograph(window, view, SCREENSHOTS / f"{name.replace('/', '-')}-{view[1]}.jpg")
    window.evaluate("ask.unfold()")
    found.broken.extend(f"{name}: {one}" for one in window.evaluate("ask.brokenPictures()"))
    for view in VIEWS[::-1]:
        take(window, view)
        said = f"{name} at {view[0]}, {view[1]}"
        for question in (f"ask.hardToRead({MIN_CONTRAST})", "ask.withoutPaper()"):
            found.unreadable.extend(f"{said}: {one}" for one in window.evaluate(question))
        found.wide.extend(f"{said}: {one}" for one in window.evaluate("ask.tooWide()"))


def take(window, view):
    width, mode = view
    window.set_viewport_size({"width": width, "height": 900})
    window.emulate_media(color_scheme=mode)
    followed = "(mode) => document.documentElement.dataset.theme === mode"
    window.wait_for_function(followed, arg=mode, polling=10)


def photograph(window, view, path):
    height = min(window.evaluate("document.documentElement.scrollHeight"), MAX_HEIGHT)
    window.screenshot(
        **{"path": path, "type": "jpeg", "quality": 50, "full_page": True},
        **{"clip": {"x": 0, "y": 0, "width": view[0], "height": height}, "animations": "disabled"},
    )


def test_no_page_complains_or_asks_the_network(seen):
    assert seen.said == []


def test_every_picture_can_be_seen(seen):
    assert seen.broken == []


def test_no_page_scrolls_sideways(seen):
    assert seen.wide == []


def test_text_and_figures_are_readable_in_the_light_and_in_the_dark(seen):
    assert seen.unreadable == []


def test_screenshots_are_kept_of_every_page(seen):
    assert len(list(SCREENSHOTS.glob("*.jpg"))) == len(PAGES) * len(VIEWS)


def test_search_finds_what_is_in_the_book(browser):
    window = browser.new_page()
    window.goto(f"{(SITE / 'search.html').as_uri()}?q=understudy")
    window.wait_for_selector("#search-results li a")
    assert window.locator("#search-results li").count() > 3
    window.close()

"""The page in a real browser: no complaint, sorting and filtering work, nothing overflows, both themes."""

import pytest

from rnnbench.report.html.page import to_html
from rnnbench.results.document import Results
from tests.report.chromium import Browser, program
from tests.report.drawn import whole

pytestmark = pytest.mark.skipif(program() is None, reason="no chromium here: apt-get install chromium")

FIRST_COLUMN = (
    "[...document.querySelector('table.main').tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[0].textContent)"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def path(tmp_path_factory, repository):
    """Return the path of a report on recorded runs and on one with an unusually long name."""
    long = whole(["dense", "tridiagonal"])
    long.suite["name"] = "a" * 90
    for one in long.cases:
        one["name"] = f"{one['name']}/{'very_long_name_without_a_blank' * 4}"
    file = tmp_path_factory.mktemp("report") / "report.html"
    # The one whose table is sorted and filtered comes first.
    recorded = sorted((repository / "docs/results").glob("*.json"), key=lambda found: found.stem != "addition")
    assert {"addition", "lookback", "kernels"} <= {file.stem for file in recorded}
    file.write_text(to_html([*map(Results.read, recorded), long]))
    return file


@pytest.fixture(scope="module")
def repository(request):
    return request.config.rootpath


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_overflows_and_nothing_complains(browser, path, width, theme):
    browser.open(path, width, theme)
    assert browser.run("innerWidth") == width
    assert browser.run("document.documentElement.scrollWidth") <= width
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if theme == "light" else "rgb(20, 23, 26)")
    assert browser.run("getComputedStyle(document.querySelector('svg .mark')).fill") != "rgb(0, 0, 0)"
    assert browser.complaints == []


def test_every_text_of_a_drawing_stays_within_it(browser, path):
    browser.open(path, 1440, "light")
    outside = browser.run(
        "[...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 0).flatMap(s => {"
        "const box = s.getBoundingClientRect();"
        "return [...s.querySelectorAll('text')].filter(t => {const b = t.getBoundingClientRect();"
        "return b.left < box.left - 1 || b.right > box.right + 1 || b.bottom > box.bottom + 1})"
        ".map(t => t.textContent)})"
    )
    assert outside == []


def test_the_button_changes_the_theme(browser, path):
    browser.open(path, 1440, "light")
    browser.run("document.querySelector('button.theme').click()")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert browser.run("document.querySelector('button.theme').getAttribute('aria-pressed')") == "true"


def test_a_column_sorts_up_down_and_back_with_missing_figures_last(browser, path):
    browser.open(path, 1440, "light")
    suite = browser.run(FIRST_COLUMN)
    head = "[...document.querySelectorAll('table.main th[scope=col]')].find(h => h.textContent.startsWith('{}'))"

    def click(title):
        browser.run(f"{head.format(title)}.querySelector('button').click()")
        return browser.run(FIRST_COLUMN)

    weights = click("recurrent weights")
    assert weights == [
        "none",
        "diagonal",
        "tridiagonal",
        "random(46)",
        "block_diagonal(4)",
        "banded(2,2)",
        "upper_triangular",
        "dense",
    ]
    assert browser.run(f"{head.format('recurrent weights')}.getAttribute('aria-sort')") == "ascending"
    assert click("recurrent weights")[0] == "dense"
    assert click("recurrent weights") == suite
    # Only dense has a figure here: it comes first both ways.
    assert click("steps to solve")[0] == click("steps to solve")[0] == "dense"
    assert click("case")[:2] == ["banded(2,2)", "block_diagonal(4)"]
    assert browser.complaints == []


def test_every_table_is_filtered_by_its_own_words(browser, path):
    browser.open(path, 1440, "light")
    browser.run(
        "globalThis.table = name => [...document.querySelectorAll('table.main')]"
        ".find(t => t.caption.textContent === 'All cases of ' + name);"
        "globalThis.input = document.querySelector(`.controls[data-for=${table('kernels').id}] input[type=search]`);"
        "input.value = 'lstm torch'; input.dispatchEvent(new Event('input'))"
    )
    shown = "[...table('{}').tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[0].textContent)"
    assert browser.run(shown.format("kernels")) == ["cell=lstm/dense/kernel=torch"]
    assert len(browser.run(shown.format("lookback"))) > 1
    assert browser.complaints == []


def test_a_table_that_is_too_wide_says_that_it_scrolls_and_can_be_scrolled_by_keyboard(browser, path):
    browser.open(path, 360, "light")
    box = "document.querySelector('table.main').parentElement"
    hint = f"{box}.previousElementSibling"
    assert browser.run(f"{hint}.textContent") == "This table scrolls sideways →"
    assert browser.run(f"{hint}.hidden") is False
    assert browser.run(f"{box}.classList.contains('more-right')") is True
    assert browser.run(f"[{box}.tabIndex, {box}.getAttribute('role'), {box}.ariaLabel]") == [
        0,
        "region",
        "All cases of addition",
    ]
    left = "document.querySelector('table.main tbody th').getBoundingClientRect().left"
    before = browser.run(left)
    browser.run(f"{box}.scrollLeft = 10000")
    # The names of the cases stay where they are, and at the end nothing more is promised.
    assert browser.run(left) == before
    assert browser.run(f"new Promise(r => setTimeout(() => r({box}.classList.contains('more-right')), 50))") is False
    browser.run(f"{box}.querySelectorAll('tr > :not(:first-child)').forEach(cell => cell.remove())")
    assert browser.run(f"new Promise(r => setTimeout(() => r({hint}.hidden), 50))") is True


def test_words_filter_the_cases_and_boxes_hide_columns(browser, path):
    browser.open(path, 1440, "light")
    typed = (
        "(i => {{ i.value = '{}'; i.dispatchEvent(new Event('input')) }})(document.querySelector('input[type=search]'))"
    )
    browser.run(typed.format("Diagonal tri"))
    assert browser.run(FIRST_COLUMN) == ["tridiagonal"]
    assert browser.run("document.querySelector('.count').textContent") == "1 of 8 cases"
    browser.run(typed.format(""))
    assert browser.run("document.querySelector('.count').textContent") == "8 of 8 cases"
    browser.run("document.querySelector('input[data-group=time]').click()")
    hidden = browser.run(
        "[...document.querySelectorAll('table.main')[0].rows[0].cells].filter(c => c.hidden).map(c => c.textContent)"
    )
    assert len(hidden) == 3
    assert all("ward" in title or "training rate" in title for title in hidden)
    assert browser.complaints == []

"""The page: what it must say, what must not get into it, and that it is one small file that loads nothing."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from rnnbench.report.columns import columns
from rnnbench.report.html.page import to_html
from rnnbench.report.roofline_columns import roofline_columns
from tests.documents import ADDITION, addition_case, case, document, memory, session, throughput
from tests.report.drawn import limits, whole

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&<b>\x1b[2J"
VOID = {"meta", "input", "br", "img", "link", "wbr"}


class Page(HTMLParser):
    """Elements of a page: (tag, attributes), and the text of each row of the main tables."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.rows, self.text, self._open = [], [], [], []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if not {"script", "style"} & set(self._open):
            self.text.append(data)
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def words(self):
        return re.sub(r"\s+", " ", "".join(self.text))


@pytest.fixture(scope="module")
def page():
    return Page(to_html([whole()]))


def test_findings_come_first_then_tables_plots_and_method():
    html = to_html([whole()])
    places = [html.index(f">{heading}<") for heading in ("Findings", "All cases", "Plots", "Machine and run", "Method")]
    assert places == sorted(places)


def test_it_answers_which_connectivity_at_what_cost_and_how_sure(page):
    lead = (
        "Not shown to learn less than dense, with 20 seeds each: upper_triangular, block_diagonal(4) and banded(2,2); "
    )
    assert lead in page.words()
    (row,) = [row for row in page.rows if row[:1] == ["tridiagonal"] and "fewer seeds" in row[3]]
    accuracy, solved, verdict, weights, every, time, peak = row[1:]
    assert re.fullmatch(r"0\.5\d \[0\.\d\d, 0\.\d\d\]", accuracy)
    assert (solved, weights, every) == ("0 of 20 seeds [0.00, 0.17]", "5.6x fewer", "94")
    assert re.fullmatch(r"fewer seeds solve it \(p = \d.*\)", verdict)
    assert re.fullmatch(r"\d\.\d\dx \[\d\.\d\d, \d\.\d\d\](, not told apart)?", time)
    assert peak == "about 1x"


def test_the_main_table_says_what_show_says():
    results = whole()
    (rows,) = [rows for rows in [Page(to_html([results])).rows] if rows]
    shown = [*columns(results), *roofline_columns(results)]
    table = [row for row in rows if len(row) == len(shown) + 1]
    assert [row[0] for row in table] == ["case", *ADDITION]
    for index, case_row in enumerate(table[1:]):
        for column, said in zip(shown, case_row[1:], strict=True):
            cell = column.cells[index]
            expected = f"{cell.value}{'*' if cell.best else ''} {cell.interval}".strip()
            assert said == expected.replace("-", "–") if not cell.figure and cell.value == "-" else expected


def test_null_figures_have_their_reason_on_hover_and_in_text():
    results = whole(["dense", "diagonal"])
    results.cases[1]["metrics"].pop("peak_memory")
    results.cases[1].update(status="oom", reason="needs 3 GiB")
    page = Page(to_html([results]))
    titles = [cell["title"] for cell in page.all("td") if "title" in cell]
    assert "at least half of the seeds never solved the task" in titles
    assert "oom: needs 3 GiB" in titles
    assert "No figure for peak memory: oom: needs 3 GiB (diagonal)" in page.words()
    assert "at least half of the seeds never solved the task: diagonal" in page.words()


def test_nothing_from_a_document_becomes_markup():
    results = document(
        [addition_case("dense", HOSTILE), addition_case("diagonal", f"{HOSTILE}2", seed=1)],
        {"axis": "connectivity", "baseline": "dense"},
        name=HOSTILE,
    )
    results.cases[1].update(status="error", reason=HOSTILE)
    results.data.update(findings=[{"text": HOSTILE}], warnings=[HOSTILE])
    results.suite["description"] = HOSTILE
    results.machine.update(os=HOSTILE, fingerprint=HOSTILE)
    results.run.update(argv=[HOSTILE], rnnbench_version=HOSTILE)
    results.cases[0]["kernel"] = {"name": HOSTILE, "rejected": [{"name": HOSTILE, "reason": HOSTILE}]}
    results.cases[0]["metrics"][HOSTILE] = {
        **results.cases[0]["metrics"]["peak_memory"],
        "unit": HOSTILE,
        "flags": [HOSTILE],
    }
    html = to_html([results])
    page = Page(html)
    assert page.all("img") == []
    assert page.all("b") == Page(to_html([whole(["dense", "diagonal"])])).all("b")[: len(page.all("b"))]
    assert len(page.all("script")) == 1
    assert html.count("</script>") == 1
    assert "\x1b" not in html
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert HOSTILE.replace("\x1b", "") in page.words()


def test_the_policy_allows_its_own_style_and_script_and_nothing_else():
    html = to_html([whole(["dense", "diagonal"])])
    (policy,) = [
        meta["content"] for meta in Page(html).all("meta") if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_it_loads_nothing_and_styles_nothing_inline(page):
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "style", "xlink:href", "action"} & set(attributes), tag
        assert attributes.get("href", "#").startswith("#")


def test_ids_are_unique_and_references_lead_somewhere():
    page = Page(to_html([whole(), document([], name="other")]))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for name in ("aria-labelledby", "data-for"):
            assert set(attributes.get(name, "").split()) <= set(ids)
        assert attributes.get("href", "#suite-0")[1:] in ids


def test_plots_are_images_with_a_title_a_description_and_their_figures_as_a_table():
    html = to_html([whole(), document([limits("dense", 500.0, (20.0, 30.0, 40.0), 60.0)], name="lookback")])
    drawings = Page(html).all("svg")
    figures = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
    assert len(drawings) == len(figures) == 6
    assert all(drawing["role"] == "img" and len(drawing["aria-labelledby"].split()) == 2 for drawing in drawings)
    for figure in figures:
        assert re.search(r"<title id=.*?</title><desc id=.*?</desc>", figure)
        assert re.search(r"<details>.*<table>.*</table>.*</details>", figure, re.DOTALL)


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ([], "This document has no cases: nothing was measured."),
        ([case("a", status="oom", reason="too large")], "This document has no usable case: 1 of 1 failed."),
    ],
)
def test_a_document_without_a_usable_case_makes_a_report_that_says_so(cases, said):
    page = Page(to_html([document(cases)]))
    assert said in page.words()
    assert page.all("svg") == []
    if cases:
        assert "a: oom: too large" in page.words()


def test_two_hundred_cases_take_less_than_two_megabytes():
    labels = list(ADDITION)
    many = [addition_case(labels[i % 8], f"hidden={16 + i // 8}/{labels[i % 8]}", seed=i // 8) for i in range(200)]
    curve = {"iterations": list(range(0, 10001, 1000)), "accuracy": [[0.1 * k] * 20 for k in range(11)]}
    for one in many:
        one["metrics"]["accuracy"]["details"] = {**one["metrics"]["accuracy"]["details"], "curve": curve}
    html = to_html([document(many, {"axis": "connectivity", "baseline": "dense"})])
    assert len(html.encode()) < 2e6
    assert len(Page(html).all("svg")) >= 75


def test_machines_with_nothing_in_common_are_shown_each_by_itself():
    here, there = document([case("a", memory(1, 2))]), document([case("b", memory(3, 4), hidden=8)])
    there.machine["fingerprint"] = "feedbeef"
    page = Page(to_html([here, there]))
    assert {"a", "b"} <= {row[0] for row in page.rows if row}


def test_documents_of_one_suite_stand_side_by_side_by_machine():
    here, there = (session(number, ["dense", "tridiagonal", "diagonal"]) for number in (1, 2))
    there.machine.update(fingerprint="feedbeef", os="Darwin")
    page = Page(to_html([here, there, document([case("a", memory(1, 2))], name="other")]))
    assert [attributes["id"] for attributes in page.all("h2")] == ["overview", "suite-0", "suite-1", "method"]
    heads = [row for row in page.rows if row[:2] == ["case", "over"]]
    assert heads == [["case", "over", *(f"Example CPU 3000, 2 cores, 8 GiB, {os}" for os in ("Linux", "Darwin"))]]
    assert len([row for row in page.rows if row[:2] == ["tridiagonal", "dense"]]) == 1
    assert re.search(r"they order \d alike \(Kendall tau -?\d\.\d\d\)", page.words())
    assert [link["href"] for link in page.all("a") if link.get("class") != "word"] == [
        "#words",
        *("#suite-0", "#suite-1"),  # the contents
        *("#suite-0", "#suite-0", "#suite-1"),  # an answer of each document
    ]


def test_many_settings_are_answered_in_one_table():
    labels = ["dense", "tridiagonal", "diagonal"]
    made = [addition_case(label, f"hidden={h}/{label}", hidden=h) for h in (8, 16, 32, 64, 128) for label in labels]
    page = Page(to_html([document(made, {"axis": "connectivity", "baseline": "dense"})]))
    assert (
        "hidden 16: Take dense: within 10,000 iterations it learns every sum in 20 of 20 seeds [0.83, 1.00], "
        in page.words()
    )
    assert "1 setting more" in page.words()
    (heads,) = [row for row in page.rows if row[:2] == ["connectivity", "accuracy, mean over seeds"]]
    assert heads[3] == "beside dense"
    assert [row[0] for row in page.rows if row[0].endswith(", hidden 32")] == [
        f"{label}, hidden 32" for label in labels
    ]


def test_of_many_settings_a_baseline_that_was_only_timed_has_no_row():
    given = {"connectivity": "dense", "measure": {"throughput": {}}}
    made = [
        case(f"{cell}/{kernel}", launches=throughput(t, 3 * t), kernel=kernel, cell=cell, **given)
        for cell, t in (("rnn", 1e-3), ("gru", 2e-3))
        for kernel in ("eager", "fused")
    ]
    for some, expected in ((made, ["fused, cell rnn", "fused, cell gru"]), (made[:2], ["eager", "fused"])):
        rows = Page(to_html([document(some, {"axis": "kernel", "baseline": "eager"})])).rows
        start = next(index for index, row in enumerate(rows) if row[0] == "kernel") + 1
        assert [row[0] for row in rows[start : start + len(expected)]] == expected
        assert rows[start + len(expected)][0] == "case"


def test_the_description_of_the_suite_stands_at_its_head():
    results = whole(["dense", "diagonal"])
    results.suite["description"] = "Does a band do?"
    html = to_html([results])
    assert html.index("<p>Does a band do?</p>") < html.index(">Findings<")

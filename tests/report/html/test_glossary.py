"""Words of the tool lead to what they mean, where they are used; only those that are used are explained."""

import re

import pytest

from rnnbench.analysis.glossary import Term, terms
from rnnbench.kernel_names import KERNEL_SUMMARIES
from rnnbench.report.html.glossary import linked
from rnnbench.report.html.page import to_html
from rnnbench.tasks import TemporalOrder
from tests.documents import case, document
from tests.report.drawn import limits, whole

BAND = Term("band", r"\bband\b", "a <thing>")


def test_a_word_is_linked_once_in_each_part_and_in_texts_alone():
    html, used = linked('<h3 id="band">band</h3><p>a band, a band</p><table><tr><td>band</td></tr></table>', [BAND])
    link = '<a class="word" href="#word-band" title="a &lt;thing&gt;">band</a>'
    assert html == f'<h3 id="band">{link}</h3><p>a band, a band</p><table><tr><td>{link}</td></tr></table>'
    assert used == [BAND]


def test_nothing_is_linked_within_links_buttons_drawings_and_heads_of_tables():
    html = "<a>band</a><button>band</button><svg><text>band</text></svg><thead><tr><th>band</th></tr></thead>"
    assert linked(html, [BAND]) == (html, [])
    assert linked(f"{html}<p>band</p>", [BAND])[1] == [BAND]


def test_words_of_cases_have_a_meaning_and_versions_are_no_kernels():
    results = whole()
    results.cases[0]["kernel"] = {"name": "torch", "rejected": []}
    names = {term.name for term in terms([results])}
    assert {"dense", "tridiagonal", "random", "none", "kernel torch", "scope layer", "reach"} <= names
    (torch,) = [term for term in terms([results]) if term.name == "kernel torch"]
    assert torch.meaning == KERNEL_SUMMARIES["torch"]
    assert re.search(torch.pattern, "dense/kernel=torch")
    assert not re.search(torch.pattern, "torch 2.13.0")


def test_recomputation_is_not_taken_for_the_connectivity_none():
    (none,) = [term for term in terms([document([case("none", connectivity="none")])]) if term.name == "none"]
    found = [text for text in ("recompute=none", "recompute none", "none", "a/none/b") if re.search(none.pattern, text)]
    assert found == ["none", "a/none/b"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Read differences of a few per cent as none.", False),
        ("none has a figure", False),
        ("without recurrence (none) it is 0.13", True),
        ("On it: none, diagonal", True),
        ("none, which has no recurrence", True),
    ],
)
def test_none_is_the_connectivity_only_where_it_stands_as_a_name(said, meant):
    (none,) = [term for term in terms([document([case("none", connectivity="none")])]) if term.name == "none"]
    assert bool(re.search(none.pattern, said)) is meant


def test_a_task_is_explained_with_what_solves_it():
    results = document([case("dense", task={"temporal_order": {"length": 20}})])
    (task,) = [term for term in terms([results]) if term.name == "task temporal_order"]
    assert TemporalOrder.summary in task.meaning
    assert TemporalOrder.success_rule in task.meaning
    assert re.search(task.pattern, "To look back in temporal_order(20), not shown")


def test_plain_words_that_name_a_task_are_not_linked():
    results = document([case("dense", task={"adding": {"length": 20}})])
    (task,) = [term for term in terms([results]) if term.name == "task adding"]
    assert not re.search(task.pattern, "adding weights")
    assert re.search(task.pattern, "task adding(20)")


def test_the_top_of_the_page_leads_to_the_words():
    html = to_html([whole()])
    assert html.index('href="#words"') < html.index("<main>") < html.index('id="words"')


def test_the_page_explains_what_it_uses_and_every_link_leads_there():
    made = [
        limits("dense/recompute=stream", 500.0, (20.0, 30.0, 40.0), 60.0, recompute={"stream": {}}),
        limits("diagonal/recompute=none", 600.0, (20.0, 30.0, 40.0), 60.0, connectivity="diagonal"),
    ]
    html = to_html([document(made)])
    links, places = (set(re.findall(rf'{name}="#?(word-[^"]*)"', html)) for name in ("href", "id"))
    assert links == places
    assert {"word-dense", "word-diagonal", "word-recompute-stream", "word-reach"} <= links
    assert "word-kernel-scan" not in places


def test_a_document_cannot_bring_its_own_words():
    results = document([case("<b>x")])
    results.cases[0]["parameters"].update(connectivity="<b>", kernel="<b>", recompute="<b>", gradient=["<b>"])
    assert "<b>x" not in to_html([results])

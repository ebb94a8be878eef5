"""The top of the page: one answer per document, with a link to its section; and the tables that answers rest on."""

import re

from rnnbench.analysis.conclusions import concluded
from rnnbench.report.html.page import to_html
from tests.analysis.test_lookback import CONNECTIVITY, looked
from tests.documents import addition, case, document, kernels, memory
from tests.report.html.test_page import HOSTILE, Page


def named(results, name):
    results.suite["name"] = name
    return concluded(results)


def several():
    return [
        named(addition(["dense", "tridiagonal", "diagonal"]), "addition"),
        named(kernels(), "kernels"),
        named(document([case("a", memory(7, 9))]), "other"),
    ]


def test_over_several_documents_each_has_its_answer_with_a_link():
    html = to_html(several())
    top = html[html.index('id="overview"') : html.index('id="suite-0"')]
    assert '<a href="#suite-0">addition</a>: what is learnt' in top
    assert '<a href="#suite-1">kernels</a>: how fast it is' in top
    words = " ".join(re.sub(r"<[^>]*>", " ", re.sub(r"</a>(?=[,.;:])", "", top)).split())
    said = (
        "To learn binary_addition(8), yes: all 2 others tested do worse than dense within 10,000 iterations (addition)"
    )
    assert said in words
    assert "To be fast, no: with kernel fused, diagonal takes 0.20x to 0.50x the time of dense at H = 128" in words
    assert "Measured on " in words
    assert "How sure: 20 seeds each" in words
    assert "Setting: task binary_addition(8), cell rnn" in words
    assert "7 recurrent weights are stored." in words


def test_a_single_document_has_its_own_answer_alone():
    html = to_html(several()[:1])
    assert 'id="overview"' not in html
    verdict, lead = re.findall(r'<p class="lead">(.*?)</p>', html)
    said = re.sub("<[^>]*>", "", verdict)
    assert said.startswith("Is full connectivity necessary? To learn binary_addition(8), yes: all 2 others")
    assert re.sub("<[^>]*>", "", lead).startswith("Take dense: ")
    assert html.index(lead) < html.index(">Findings<")


def test_what_each_connectivity_costs_stands_in_one_table_over_all_documents():
    html = to_html(several())
    top = html[html.index('id="overview"') : html.index('id="suite-0"')]
    rows = Page(top[top.index("<table>") : top.index("</table>") + len("</table>")]).rows
    assert rows[0] == [
        "connectivity",
        "learns",
        "recurrent weights",
        "all weights",
        "time of a training pass",
        "memory",
    ]
    heads = [row[0] for row in rows if len(row) == 1]
    assert heads == [
        "addition I = 2, H = 16; times and memory at T = 512 and B = 32; trained at T = 8 and B = 1; time of a "
        "training pass of a layer (forward and backward, W x included)",
        "kernels I = 128, H = 128; times at T = 128 and B = 32; time of a training pass of a layer (forward and "
        "backward, W x included), kernel fused",
    ]
    (dense, tridiagonal, diagonal) = rows[2:5]
    assert dense[:4] == ["dense", "20 of 20 seeds [0.83, 1.00]; accuracy 1.00", "256", "304"]
    assert re.fullmatch(r"1x \(\d\.\d\d ms\)", dense[4])
    assert dense[5] == "1x"
    assert tridiagonal[:3] == ["tridiagonal", "0 of 20 seeds [0.00, 0.17]; accuracy 0.58", "46 (5.6x fewer)"]
    assert tridiagonal[3] == "94 (3.2x fewer)"
    assert diagonal[2:4] == ["16 (16x fewer)", "64 (4.8x fewer)"]
    assert diagonal[4].startswith("0.9")
    assert diagonal[5] == "about 1x"
    (lstm,) = [row for row in rows if row[0] == "diagonal, cell lstm"]
    # Four gates of W (128 x 128), U and biases, and a readout of one unit with its bias.
    every = 4 * (128 * 128 + 128 + 128) + 128 + 1
    assert lstm[1:4] == ["not measured", "512 (128x fewer)", f"{every:,} (2.0x fewer)"]
    assert lstm[4].startswith("0.20x")
    assert lstm[5] == "not measured"


def test_of_several_documents_no_answer_stands_twice():
    html = to_html(several())
    assert html.count("it learns every sum in 20 of 20 ") == 1


def test_what_a_document_says_of_itself_is_escaped():
    documents = several()
    documents[0].data["conclusions"]["setting"] = HOSTILE
    documents[0].data["conclusions"]["answer"].update(text=HOSTILE, cost=HOSTILE, sure=HOSTILE, takes=[HOSTILE])
    page = Page(to_html(documents))
    assert page.all("img") == []
    assert HOSTILE.replace("\x1b", "") in page.words()


def test_every_comparison_that_was_tested_is_listed_with_its_adjusted_p():
    rows = Page(to_html([concluded(addition(["dense", "tridiagonal", "random(46)", "diagonal"]))])).rows
    heads = ["compared", "by", "first", "second", "adjusted p"]
    start = rows.index(heads) + 1
    assert [row[0] for row in rows[start : start + 4]] == [
        "dense and tridiagonal",
        "dense and random(46)",
        "dense and diagonal",
        "tridiagonal and random(46)",
    ]
    assert rows[start][2:4] == ["20 of 20 seeds [0.83, 1.00]", "0 of 20 seeds [0.00, 0.17]"]
    assert all(row[-1].startswith("p = ") for row in rows[start : start + 4])


def test_kernels_stand_beside_torchs_layers_and_dense_under_the_same_kernel():
    rows = Page(to_html([concluded(kernels())])).rows
    (heads,) = [row for row in rows if row[:3] == ["setting", "connectivity", "kernel"]]
    assert heads[3] == "recurrent weights"
    assert heads[5:] == [
        "beside nn.RNN/nn.LSTM (dense)",
        "beside dense, same kernel",
        "beside eager, same connectivity",
    ]
    (row,) = [row for row in rows if row[:3] == ["cell lstm", "diagonal", "fused"]]
    assert [cell.partition(" ")[0] for cell in row[5:]] == ["0.22x", "0.20x", "0.22x"]
    (torch,) = [row for row in rows if row[:3] == ["cell rnn", "dense", "torch"]]
    assert row[3] == f"{4 * 128}"
    assert torch[5:7] == ["–", "–"]


def test_seeds_that_solve_each_length_stand_in_a_table():
    looking = [
        looked("dense", 3309.0, 24.0, 27.0, solved={27: 11, 40: 1}),
        looked("diagonal", 3326.0, 160.0, 40.0, solved={40: 15}),
    ]
    rows = Page(to_html([concluded(document(looking, CONNECTIVITY))])).rows
    start = rows.index(["connectivity", "T = 27", "T = 40", "beside dense"])
    assert rows[start + 1 : start + 3] == [
        ["dense", "11 of 20", "1 of 20", "–"],
        ["diagonal", "–", "15 of 20", "p = 1e-05 at T = 40"],
    ]


def test_documents_of_several_machines_are_said_to_compare_in_no_times():
    documents = several()
    assert "Measured on 2 machines" not in to_html(documents)
    documents[1].machine["fingerprint"] = "another"
    assert "Measured on 2 machines: times compare within a document" in to_html(documents)

"""Which cases are shown, in which order and groups; and what is said of names that do not exist."""

import pytest

from rnnbench.analysis.listing import listing
from rnnbench.analysis.named import metric_key
from rnnbench.errors import RnnbenchError
from rnnbench.results.figure import Figure
from tests.documents import addition, case, document, throughput


def names(listed):
    return [one["name"] for one in listed.results.cases]


def sizes(*hidden):
    cases = [
        case(f"{label}/hidden={H}", launches=throughput(H * factor, 3 * H * factor), connectivity=label, hidden=H)
        for H in hidden
        for label, factor in (("dense", 1e-5), ("diagonal", 1e-6))
    ]
    return document(cases)


def test_nothing_asked_for_is_the_document_in_the_order_of_the_suite():
    results = addition()
    assert names(listing(results)) == [one["name"] for one in results.cases]


def test_a_metric_sorts_the_best_first_whatever_is_better():
    results = addition(["none", "dense", "diagonal", "tridiagonal"])
    assert names(listing(results, sort="accuracy")) == ["dense", "tridiagonal", "diagonal", "none"]
    assert names(listing(results, sort="recurrent_parameters")) == ["none", "diagonal", "tridiagonal", "dense"]
    assert names(listing(results, sort="-accuracy")) == ["none", "diagonal", "tridiagonal", "dense"]


def test_what_has_no_figure_comes_last_both_ways_round():
    results = addition(["tridiagonal", "dense", "diagonal"])
    results.cases[1]["metrics"].pop("accuracy")
    for sort in ("accuracy", "-accuracy"):
        assert names(listing(results, sort=sort))[-1] == "dense"


def test_an_axis_sorts_numbers_by_size_and_name_by_letters():
    results = sizes(1024, 64, 256)
    assert [one["parameters"]["hidden"] for one in listing(results, sort="hidden").results.cases] == [
        64,
        64,
        256,
        256,
        1024,
        1024,
    ]
    assert names(listing(results, sort="name"))[0] == "dense/hidden=1024"
    assert names(listing(results, sort="-name"))[0] == "diagonal/hidden=64"


def test_groups_follow_the_order_of_their_values_and_keep_that_of_the_cases():
    listed = listing(sizes(64, 128), sort="training_time", group_by="hidden")
    assert listed.groups == (("hidden 64", 2), ("hidden 128", 2))
    assert names(listed) == ["diagonal/hidden=64", "dense/hidden=64", "diagonal/hidden=128", "dense/hidden=128"]
    assert listing(sizes(64), group_by="connectivity").groups == (("dense", 1), ("diagonal", 1))


def test_cases_without_the_axis_are_a_group_of_their_own():
    with_training = {"training": {"iterations": 10}}
    cases = [case("a", measure=with_training, task="parity"), case("b", seed=1)]
    assert listing(document(cases), group_by="training.iterations").groups == (
        ("iterations 10", 1),
        ("no training.iterations", 1),
    )


def test_cases_are_selected_as_a_run_selects_them():
    assert names(listing(addition(), select="diagonal and not block")) == ["tridiagonal", "diagonal"]
    with pytest.raises(RnnbenchError, match="selects none of the 8 cases of addition"):
        listing(addition(), select="lstm")


def test_the_document_itself_is_not_changed():
    results = addition()
    before = [one["name"] for one in results.cases]
    listing(results, select="dense", sort="accuracy", group_by="connectivity")
    assert [one["name"] for one in results.cases] == before


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"sort": "accurcy"}, "--sort: no case has 'accurcy': did you mean 'accuracy'?"),
        ({"sort": "hiden"}, "--sort: no case has 'hiden': did you mean 'hidden'? Cases differ in connectivity."),
        ({"sort": "xyzzy"}, r"--sort: no case has 'xyzzy'\..*Metrics: accuracy, solved_fraction"),
        ({"group_by": "conectivity"}, "--group-by: no case has 'conectivity': did you mean 'connectivity'?"),
        ({"group_by": "\x1b[2J"}, r"no case has '\\x1b\[2J'"),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(asked, said):
    with pytest.raises(RnnbenchError, match=said.replace("?", r"\?")):
        listing(addition(["dense", "diagonal"]), **asked)


@pytest.mark.parametrize("measure", [None, [], "x", {"training": None}, {"training": [1]}])
def test_parameters_of_any_form_are_survived(measure):
    results = addition(["dense", "diagonal"])
    results.cases[0]["parameters"].update(measure=measure, hidden=[{"odd": 1}])
    assert len(listing(results, sort="hidden", group_by="connectivity").results.cases) == 2


def test_a_metric_of_several_scopes_has_to_be_named_with_one():
    launch = {f"training_time.{scope}": Figure("timing", (0.1, 0.1)) for scope in ("layer", "model")}
    results = document([case("a", launches=[launch] * 3)])
    with pytest.raises(RnnbenchError, match=r"name one of training_time\.layer, training_time\.model"):
        metric_key(results, "training_time", "--plot")
    assert metric_key(results, "training_time.model", "--plot") == "training_time.model"

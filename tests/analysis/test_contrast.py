"""Groups of cases that differ in one axis only."""

from rnnbench.analysis.contrast import grouped
from tests.documents import case, throughput


def timed(kernel, scopes, cell="rnn"):
    made = throughput(1e-3, 3e-3)
    given = {"connectivity": "dense", "kernel": kernel, "cell": cell}
    return case(f"{cell}/{kernel}/{len(scopes)}", launches=made, measure={"throughput": {"scopes": scopes}}, **given)


def labels(contrast):
    return [list(group.cases) for group in contrast.groups]


def test_which_figures_are_taken_of_a_case_is_no_setting_of_its_own():
    cases = [timed("eager", ["layer", "recurrence"]), timed("torch", ["layer"]), timed("eager", ["layer"], "gru")]
    found = grouped(cases, "kernel", "eager")
    assert labels(found) == [["eager", "torch"], ["eager"]]
    assert [found.setting(group) for group in found.groups] == ["cell rnn", "cell gru"]


def test_it_is_one_where_it_alone_tells_two_cases_apart():
    cases = [timed("eager", ["layer", "recurrence"]), timed("eager", ["layer"]), timed("torch", ["layer"])]
    found = grouped(cases, "kernel", "eager")
    assert labels(found) == [["eager"], ["eager", "torch"]]
    assert [found.setting(group) for group in found.groups] == ["scopes layer and recurrence", "scopes layer"]

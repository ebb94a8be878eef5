"""What a suite's ``recompute`` means."""

import pytest
from pydantic import ValidationError

from rnnbench.suite.recompute import Auto, Every, NoRecompute, Stream
from rnnbench.suite.rules import violations
from tests.cases import make_case


def recompute_of(written):
    return make_case({"memory": {}}, recompute=written).parameters.recompute


@pytest.mark.parametrize("written", [{"every": 64}, {"every": {"steps": 64}}, "every(64)"])
def test_it_is_written_as_choices_are(written):
    assert recompute_of(written) == Every(steps=64)
    assert recompute_of(written).label() == "every(64)"


@pytest.mark.parametrize(
    "written", [{"every": 0}, {"every": 1.5}, {"every": True}, "every", {"every": None}, {"auto": 3}]
)
def test_what_is_no_number_of_steps_is_refused(written):
    with pytest.raises(ValidationError):
        recompute_of(written)


def test_nothing_is_recomputed_unless_asked():
    assert make_case({"memory": {}}).parameters.recompute == NoRecompute()
    assert NoRecompute().segment_steps(100) is None


def test_every_names_the_steps_of_a_segment():
    assert Every(steps=7).segment_steps(100) == 7


@pytest.mark.parametrize(("time_steps", "segment"), [(1, 1), (2, 2), (4, 2), (100, 10), (101, 11), (10_000, 100)])
def test_auto_keeps_as_many_states_as_a_segment_has(time_steps, segment):
    assert Auto().segment_steps(time_steps) == segment


def test_it_is_part_of_what_a_case_is():
    assert (
        len({make_case({"memory": {}}, recompute=way).id for way in ("none", "auto", "every(2)", "every(3)", "stream")})
        == 5
    )
    assert make_case({"memory": {}}, recompute="none").id == make_case({"memory": {}}).id


@pytest.mark.parametrize(("written", "steps"), [("stream", 10), ("stream(7)", 7), ({"stream": 7}, 7)])
def test_a_stream_is_of_the_whole_model_and_its_layers_keep_everything(written, steps):
    recompute = recompute_of(written)
    assert isinstance(recompute, Stream)
    assert recompute.stream_steps(100) == steps
    assert recompute.segment_steps(100) is None


@pytest.mark.parametrize("recompute", [NoRecompute(), Every(steps=7), Auto()])
def test_the_others_run_the_whole_model_at_once(recompute):
    assert recompute.stream_steps(100) is None


@pytest.mark.parametrize(("key", "value"), [("recompute", "stream"), ("gradient", "rtrl")])
@pytest.mark.parametrize("measurement", ["training", "throughput"])
def test_measurements_that_cannot_run_like_that_refuse_it(key, value, measurement):
    case = make_case({measurement: {}}, **{key: value, "connectivity": "diagonal", "task": "binary_addition"})
    assert [violation.keys[0] for violation in violations(case.parameters, case.measure)] == [key]


@pytest.mark.parametrize(
    ("key", "said"), [("recompute", "stream has the same gradients"), ("gradient", "rtrl has the same gradients")]
)
def test_training_says_what_to_do_instead(key, said):
    value = said.partition(" ")[0]
    case = make_case({"training": {}}, **{key: value, "connectivity": "diagonal", "task": "binary_addition"})
    (violation,) = violations(case.parameters, case.measure)
    assert violation.message.startswith(said)
    assert f"leave out {key}, or train with `recompute: auto` where memory is short" in violation.message

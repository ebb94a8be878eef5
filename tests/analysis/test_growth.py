"""How times grow with a size: slopes of known power laws."""

import pytest

from rnnbench.analysis.findings import findings
from rnnbench.analysis.growth import growth_finding, growths
from rnnbench.results.figure import Figure
from tests.documents import case, document

THROUGHPUT = {"throughput": {"scopes": ["recurrence"]}}


def timed(seconds, metric="training_time.recurrence", **parameters):
    launches = [{metric: Figure("timing", (value,))} for value in seconds]
    return case(str(parameters), launches=launches, measure=THROUGHPUT, **parameters)


def grown(size, power, values=(64, 128, 256, 512), launches=(1.0, 1.0, 1.0)):
    return [timed([noise * value**power for noise in launches], **{size: value}) for value in values]


@pytest.mark.parametrize("size", ["time_steps", "batch", "hidden"])
@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_power_law_gives_its_power(size, power):
    (growth,) = growths(grown(size, power), size)
    assert growth.slope == pytest.approx(power)
    assert growth.interval == pytest.approx((power, power))
    assert growth.sizes == (64, 128, 256, 512)


def test_launches_make_the_interval():
    cases = [timed([value**0.9, value**1.0, value**1.1], time_steps=value) for value in (64, 128, 256, 512)]
    (growth,) = growths(cases, "time_steps")
    assert growth.slope == pytest.approx(1.0)
    low, high = growth.interval
    assert (1 - low) == pytest.approx(4.303 * 0.1 / 3**0.5, rel=1e-3)
    assert (high - 1) == pytest.approx(1 - low)


def test_several_sizes_are_said_in_one_sentence():
    sizes = [(128, 128), (256, 128), (512, 128), (1024, 128), (128, 512), (128, 1024), (128, 256)]
    cases = [timed([T * H**2 / 1e6] * 3, time_steps=T, hidden=H) for T, H in sizes]
    finding = growth_finding(cases)
    assert finding["text"] == ("The time of a training pass grows as T^1.00 (128 to 1,024) and H^2.00 (128 to 1,024).")
    assert [entry["size"] for entry in finding["growth"]] == ["time_steps", "hidden"]
    assert finding["text"] in [found["text"] for found in findings(document(cases).data)]


def test_each_metric_has_its_slope_and_the_sentence_takes_the_training_pass():
    cases = []
    for value in (64, 128, 256, 512):
        launch = {
            "training_time.recurrence": Figure("timing", (value / 1e3,)),
            "forward_time.recurrence": Figure("timing", (value**2 / 1e6,)),
        }
        cases.append(case(str(value), launches=[launch] * 3, measure=THROUGHPUT, batch=value))
    finding = growth_finding(cases)
    assert {entry["metric"]: round(entry["slope"], 6) for entry in finding["growth"]} == {
        "training_time.recurrence": 1.0,
        "forward_time.recurrence": 2.0,
    }
    assert "training pass grows as B^1.00" in finding["text"]


@pytest.mark.parametrize(
    "cases",
    [
        grown("batch", 1.0, values=(64, 128, 256)),
        [timed([1.0] * 3, batch=value, seed=value) for value in (1, 2, 3, 4)],
        [*grown("batch", 1.0, values=(64, 128, 256)), timed([1.0], batch=512)],
        [],
    ],
    ids=["three sizes", "not alike", "a launch is missing", "nothing"],
)
def test_where_there_is_no_course_nothing_is_said(cases):
    assert growth_finding(cases) is None

"""What each plot shows, from documents with known figures; and that it is left out where there are none."""

from xml.etree import ElementTree

import pytest

from rnnbench.report.columns import columns
from rnnbench.report.html.figure import figures as figures_of
from rnnbench.report.plots import (
    accuracy_cost,
    crossover,
    gradient_decay,
    learning_curve,
    max_length,
    memory_length,
    roofline,
    scaling,
)
from rnnbench.report.plots.catalogue import KINDS, plots
from rnnbench.report.plots.palette import colour_of, marker_of
from rnnbench.report.plots.setting import Setting
from rnnbench.report.plots.svg import svg
from tests.documents import addition, calibration, case, document, memory, throughput, training
from tests.report.drawn import limits


def of(module, results):
    return list(module.plots(Setting.of(results)))


def by_label(plot):
    return {series.label: series for series in plot.series}


def test_accuracy_against_cost_has_the_front_and_says_whether_dense_pays():
    by_weights, by_time = of(accuracy_cost, addition())
    assert (
        by_weights.title
        == "dense does not pay: upper_triangular is as accurate and costs no more, by recurrent weights"
        or (by_weights.title == "Nothing cheaper than dense is as accurate, by recurrent weights")
    )
    point = by_label(by_weights)["tridiagonal"].points[0]
    assert (point.x, point.y) == (46, pytest.approx(0.585))
    assert point.y_range[0] < 0.585 < point.y_range[1]
    front = by_weights.guides[0].points
    assert front == tuple(sorted(front))
    assert [merit for _, merit in front] == sorted(merit for _, merit in front)
    # What has no recurrent weights has no place on a logarithmic axis: it is a line.
    assert "none" not in by_label(by_weights)
    assert by_weights.guides[1].points[0][1] == pytest.approx(0.1335)
    assert "none" in by_label(by_time)
    # The model is trained at another shape than it is timed at.
    assert by_time.x.title == "time of a training pass (ms) at T = 512 and B = 32, log"
    assert by_weights.x.title == "recurrent weights, log"
    assert by_weights.y.title == by_time.y.title == "accuracy (share), trained at T = 8 and B = 1"


def test_a_baseline_that_something_cheaper_matches_does_not_pay():
    results = addition(["dense", "tridiagonal", "diagonal"])
    results.cases[1]["metrics"]["accuracy"]["value"] = 1.0
    assert of(accuracy_cost, results)[0].title.startswith("dense does not pay: tridiagonal is as accurate")


def sizes(axis, values, seconds):
    cases = [
        case(
            f"{axis}={value}",
            launches=throughput(seconds(value), 3 * seconds(value), noise=0.001),
            measure={"throughput": {}},
            **{axis: value},
        )
        for value in values
    ]
    return document(cases)


@pytest.mark.parametrize(
    ("axis", "seconds", "slope"),
    [
        ("hidden", lambda size: 1e-6 * size**2, "slope -2.00"),
        ("time_steps", lambda size: 1e-5 * size, "slope 0.00"),
        ("batch", lambda size: 1e-4, "slope 1.00"),
    ],
)
def test_throughput_against_a_size_has_the_slope_of_the_rate(axis, seconds, slope):
    (plot,) = of(scaling, sizes(axis, [16, 32, 64, 128], seconds))
    (series,) = plot.series
    assert slope in series.label
    assert [point.x for point in series.points] == [16, 32, 64, 128]
    assert all(point.y_range[0] <= point.y <= point.y_range[1] for point in series.points)


def test_throughput_against_bandwidth_counts_diagonals():
    made = [
        case(
            f"b{width}",
            launches=throughput(1e-3 * (width + 1), 3e-3 * (width + 1)),
            connectivity=f"banded({width},{width})",
            hidden=64,
        )
        for width in (0, 1, 2, 4)
    ]
    (plot,) = of(scaling, document(made))
    assert [point.x for point in plot.series[0].points] == [1, 3, 5, 9]
    assert "diagonals" in plot.x.title


def test_two_sizes_are_no_course():
    assert of(scaling, sizes("hidden", [16, 32], lambda size: 1e-6 * size)) == []


def test_crossover_says_where_one_overtakes_the_other():
    made = []
    for width in (8, 16, 32, 64):
        for kernel, seconds in (("taps", 1e-3 * width), ("gemm", 20e-3)):
            figures = throughput(seconds, 3 * seconds, noise=0.001)
            made.append(
                case(
                    f"{width}/{kernel}",
                    launches=figures,
                    connectivity=f"banded({width},{width})",
                    hidden=256,
                    kernel=kernel,
                )
            )
    (plot,) = of(crossover, document(made, {"axis": "kernel", "baseline": "gemm"}))
    assert plot.title.startswith("Up to 41 [")
    assert plot.title.endswith("diagonals taps is faster, beyond gemm")
    assert [point.x for point in plot.series[0].points] == [17, 33, 65, 129]


def test_the_roofline_has_the_cases_where_their_work_and_time_put_them():
    results = addition(["dense", "diagonal"])
    results.data["calibration"] = calibration()
    results.run["devices"] = {"auto": "cpu"}
    record = {"value": 0.1, "unit": "1", "better": "higher", "ci95": None, "samples": None, "flags": []}
    details = {"flops": 8e6, "bytes": 1e6, "floor_fraction": 0.25}
    results.cases[0]["metrics"]["flops_fraction.training.layer"] = {**record, "details": details}
    (plot,) = of(roofline, results)
    (point,) = plot.series[0].points
    assert point.x == 8.0
    assert point.y == pytest.approx(8e-3 / results.cases[0]["metrics"]["training_time.layer"]["value"])
    roofs = {guide.label: guide.points for guide in plot.guides}
    # The caches' slopes end long before the only case, at 8 flop/byte, begins.
    assert {label: points[1] for label, points in roofs.items()} == {
        "memory": (2.0, 100.0),
        "last cache": (1.0, 100.0),
        "products": (16.0, 100.0),
    }
    assert roofs["products"][0] == (1.0, 100.0)
    assert "dense reaches 0.250" in plot.title
    del results.data["calibration"]
    assert of(roofline, results) == []


def kernels_document():
    """Return a document of as many cases as the roofline has no room to name in one plot."""
    made = [
        case(f"cell={cell}/{label}/kernel={kernel}", launches=throughput(t, 3 * t), cell=cell, kernel=kernel, **given)
        for t, cell in enumerate(("rnn", "lstm", "gru"), 1)
        for kernel in ("fused", "eager")
        for label in ("dense", "tridiagonal", "diagonal")
        if (given := {"connectivity": label, "hidden": 32})
    ]
    results = document(made, {"axis": "kernel", "baseline": "eager"})
    results.data["calibration"] = calibration()
    results.run["devices"] = {"auto": "cpu"}
    for number, one in enumerate(results.cases, 1):
        record = {"value": 0.1, "unit": "1", "better": "higher", "ci95": None, "samples": None, "flags": []}
        details = {"flops": number * 1e6, "bytes": 1e6, "floor_fraction": number / 100}
        one["metrics"]["flops_fraction.training.layer"] = {**record, "details": details}
    return results


def test_a_roofline_of_many_cases_is_parted_until_each_point_has_a_name():
    parts = of(roofline, kernels_document())
    assert [plot.setting.split(", ")[2] for plot in parts] == ["cell rnn", "cell lstm", "cell gru"]
    for plot in parts:
        named = [f"{series.label}/{point.name}" for series in plot.series for point in series.points]
        assert sorted(named) == sorted(
            f"{k}/{c}" for k in ("fused", "eager") for c in ("dense", "tridiagonal", "diagonal")
        )
        texts = list(ElementTree.fromstring(svg(plot, "p")).itertext())  # noqa: S314 - our own
        assert all(texts.count(name) == 2 for name in ("dense", "tridiagonal", "diagonal"))


def test_lines_of_one_connectivity_have_its_colour_and_each_another_look():
    made = [
        limits("dense/kernel=torch", 500.0, (20.0, 30.0, 40.0), 60.0, kernel="torch"),
        limits("dense/kernel=auto", 600.0, (20.0, 30.0, 40.0), 60.0),
        limits("diagonal", 700.0, (20.0, 30.0, 40.0), 60.0, connectivity="diagonal"),
    ]
    for module in (gradient_decay, memory_length):
        (plot,) = of(module, document(made))
        one, other, diagonal = (series.slot for series in plot.series)
        assert colour_of(one) == colour_of(other) != colour_of(diagonal)
        assert marker_of(one) != marker_of(other)


def test_memory_per_step_is_what_the_table_says():
    results = document([limits("dense", 500.0, (20.0, 30.0, 40.0), 60.0)])
    record = {"unit": "bytes", "better": "lower", "ci95": None, "samples": None, "details": {}, "flags": []}
    results.cases[0]["metrics"]["bytes_per_time_step"] = {"value": 332.4, **record}
    (plot,) = of(memory_length, results)
    (column,) = [column for column in columns(results) if column.key == "bytes_per_time_step"]
    assert plot.title == f"Each further time step takes {column.cells[0].value} {column.unit} (dense)"


def test_maxima_are_bars_and_what_has_no_end_is_open():
    results = document(
        [
            limits("dense", 500.0, (20.0, 30.0, 40.0), 60.0),
            limits("diagonal", None, (None,) * 3, 40.0, connectivity="diagonal"),
        ]
    )
    (plot,) = of(max_length, results)
    dense, diagonal = ({bar.label: bar for bar in bars} for _, bars in plot.groups)
    assert [(bar.value, bar.text, bar.open) for bar in dense.values()] == [
        (500, "500", False),
        (30, "30", False),
        (60, "60", False),
    ]
    assert (diagonal["memory"].text, diagonal["memory"].open) == ("without end", True)
    assert diagonal["the reach of gradients at initialisation"].text == "over 4,095"
    assert plot.title == "What ends the sequence first, of 2 cases: what is learnt in 2"
    # What is learnt beyond the reach at initialisation shows that it is no limit.
    assert [bar.label for bar in dense.values() if bar.outlined] == [
        "the reach of gradients at initialisation, no limit"
    ]
    assert not any(bar.outlined for bar in diagonal.values())


def test_full_bars_bear_the_title_out_where_a_reach_after_training_is_known():
    made = limits("dense", 500.0, (20.0, 30.0, 40.0), 60.0)
    made["metrics"]["max_length_gradient_trained"] = {**made["metrics"]["max_length_gradient"], "value": 45.0}
    (plot,) = of(max_length, document([made]))
    ((_, bars),) = plot.groups
    assert [(bar.label, bar.value, bar.outlined) for bar in bars] == [
        ("memory", 500, False),
        ("the reach of gradients after training", 45, False),
        ("the reach of gradients at initialisation, no limit", 30, True),
        ("what is learnt", 60, False),
    ]
    shortest = min((bar for bar in bars if not bar.outlined), key=lambda bar: bar.value)
    assert shortest.label.startswith("the reach of gradients")
    assert plot.title == "What ends the sequence first, of 1 case: the reach of gradients in 1"
    drawn = ElementTree.fromstring(svg(plot, "p"))  # noqa: S314 - our own
    assert sum("outlined" in path.get("class", "") for path in drawn.iter("path")) == 2  # the bar, and in the legend


def test_gradients_decay_over_the_lags_that_were_measured():
    (plot,) = of(gradient_decay, document([limits("dense", 500.0, (20.0, 30.0, 40.0), 60.0)]))
    (series,) = plot.series
    assert [(point.x, point.y) for point in series.points] == [
        (1, pytest.approx(0.2)),
        (2, pytest.approx(0.02)),
        (4, pytest.approx(5e-8)),  # of two replicas, the gradient of one was gone before
    ]
    assert "each measured" in plot.description
    assert "reach 30 steps back" in plot.title


def test_memory_against_length_has_the_probes_and_the_budget():
    (plot,) = of(memory_length, document([limits("dense", 500.0, (20.0, 30.0, 40.0), 60.0)]))
    assert [point.x for point in plot.series[0].points] == [1, 16, 256]
    assert plot.guides[0].label == "budget"


def test_many_lines_of_memory_are_parted_by_whether_every_state_is_kept():
    def made(name, peak, **parameters):
        one = limits(name, 500.0, (20.0, 30.0, 40.0), 60.0, **parameters)
        for probe in one["metrics"]["max_length_memory"]["details"]["probes"]:
            probe["peak_bytes"] = peak * probe["time_steps"]
        return one

    labels = ("dense", "tridiagonal", "diagonal", "none", "upper_triangular")
    cases = [
        made(f"{label}/recompute={how}", 10 * at if how == "none" else at, connectivity=label, recompute=how)
        for how in ("none", "stream")
        for at, label in enumerate(labels, 1)
    ]
    kept, others = of(memory_length, document(cases))
    assert [[series.label for series in plot.series] for plot in (kept, others)] == [list(labels)] * 2
    assert (
        kept.title
        == "With every state kept, each further time step takes 10.0 bytes (dense) to 50.0 bytes (upper_triangular)"
    )
    assert others.title.startswith("With states recomputed, each further time step takes 1.00 bytes (dense)")
    assert (kept.setting, others.setting) == (
        "against a budget, every state kept",
        "against a budget, states recomputed",
    )
    few = of(memory_length, document(cases[:2] + cases[5:7]))
    assert [len(plot.series) for plot in few] == [4]
    cases.append(made("diagonal/by rtrl", 1, connectivity="diagonal", hidden=8))
    cases[-1]["parameters"]["gradient"] = "rtrl"
    assert of(memory_length, document(cases))[1].setting == "against a budget, states recomputed or gradients by rtrl"


def test_too_many_lines_of_one_kind_are_parted_by_what_a_step_takes():
    cases = [
        limits(f"random({count})", 500.0, (20.0, 30.0, 40.0), 60.0, connectivity=f"random({count})")
        for count in range(1, 10)
    ]
    for at, one in enumerate(cases):
        for probe in one["metrics"]["max_length_memory"]["details"]["probes"]:
            probe["peak_bytes"] = (9 - at) * probe["time_steps"]
    less, more = of(memory_length, document(cases))
    assert less.title.endswith("1.00 bytes (random(9)) to 8.00 bytes (random(2))")
    assert more.title.endswith("9.00 bytes (random(1))")


def test_memory_of_cases_that_differ_in_length():
    made = [case(f"T={steps}", memory(1, 2, peak=4096 * steps), time_steps=steps) for steps in (64, 128, 256)]
    (plot,) = of(memory_length, document(made))
    assert plot.title == "Each further time step takes 4.00 KiB (dense)"


def test_learning_curves_have_the_median_and_the_middle_half():
    figures = training([0.2, 0.4, 0.6, 0.8, 1.0])
    curve = {"iterations": [0, 10], "accuracy": [[0.0] * 5, [0.2, 0.4, 0.6, 0.8, 1.0]]}
    figures["accuracy"].details["curve"] = curve
    (plot,) = of(learning_curve, document([case("dense", figures, measure={"training": {}}, task="binary_addition")]))
    end = plot.series[0].points[-1]
    assert (end.x, end.y, end.y_range) == (10, 0.6, (0.4, 0.8))
    assert plot.title == "dense ends at a median accuracy of 0.6"


@pytest.mark.parametrize(("lines", "shaded"), [(4, True), (5, False)])
def test_more_learning_curves_than_can_be_told_apart_have_no_areas(lines, shaded):
    figures = training([0.2, 0.4, 0.6])
    figures["accuracy"].details["curve"] = {"iterations": [0, 10], "accuracy": [[0.0] * 3, [0.2, 0.4, 0.6]]}
    names = ("dense", "diagonal", "tridiagonal", "none", "upper_triangular")[:lines]
    cases = [case(name, figures, connectivity=name, measure={"training": {}}, task="binary_addition") for name in names]
    (plot,) = of(learning_curve, document(cases))
    drawn = ElementTree.fromstring(svg(plot, "p"))  # noqa: S314 - our own
    kinds = [path.get("class") for path in drawn.iter("path")]
    assert ("area" in kinds) is shaded
    assert "whisker" not in kinds
    assert ("the area around it holds the middle half" in plot.description) is shaded
    # The quartiles are listed, whether they are drawn or not.
    assert [series.points[-1].y_range for series in plot.series] == [(pytest.approx(0.3), pytest.approx(0.5))] * lines
    assert "accuracy (share), middle half" in figures_of([plot], "p")
    assert "[0.300, 0.500]" in figures_of([plot], "p")


def test_what_is_judged_by_loss_has_its_loss_on_a_logarithmic_axis():
    figures = training([0.2, 0.4])
    figures["accuracy"].details["curve"] = {
        "iterations": [0, 10],
        "accuracy": [[0.0] * 2] * 2,
        "evaluation_loss": [[1.0, 1.0], [0.01, 0.03]],
    }
    figures["final_loss"].details["judged_by"] = "loss"
    (plot,) = of(learning_curve, document([case("dense", figures, measure={"training": {}}, task="adding(10)")]))
    assert (plot.y.log, plot.y.title) == (True, "evaluation loss, log")
    assert plot.title == "dense ends at a median evaluation loss of 0.02"


def test_a_label_has_one_colour_in_all_plots_of_a_document():
    slots = {}
    for plot in plots(addition()):
        for series in plot.series:
            slots.setdefault(series.label, set()).add(series.slot)
    assert all(len(found) == 1 for found in slots.values())
    assert len({slot for found in slots.values() for slot in found}) == 8


def test_a_document_without_figures_has_no_plots():
    assert list(plots(document([]))) == []
    assert list(plots(document([case("a", status="oom", reason="too large")]))) == []
    assert len(set(KINDS)) == 8

"""Tables for people: one row per case, marks that survive without colour, nothing cut, nothing interpreted."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from rnnbench.report.columns import Cell, columns
from rnnbench.report.layout import fold, set_column
from rnnbench.report.markdown import to_markdown
from rnnbench.report.table import render
from rnnbench.results.figure import Figure
from tests.documents import ADDITION, addition, case, document, memory, throughput, training
from tests.report.drawn import limits


def shown(results, width=1000, **options):
    """Return what is printed at ``width`` columns."""
    output = io.StringIO()
    render(results, Console(file=output, width=width, highlight=False, markup=False, emoji=False, **options))
    return output.getvalue()


def column(results, title):
    return next(found for found in columns(results) if found.title == title)


def rows(text, name):
    """Return the rows of every table whose case is ``name``, as lists of cells."""
    return [re.split(r" {2,}", line.strip()) for line in text.splitlines() if line.startswith(f"{name} ")]


def test_wide_output_is_one_table_with_a_row_per_case_in_the_order_of_the_suite():
    text = shown(addition())
    lines = text.splitlines()
    table = lines[lines.index(next(line for line in lines if line.startswith("───"))) + 1 :][: len(ADDITION)]
    assert [line.split()[0] for line in table] == list(ADDITION)
    (cells,) = rows(text, "block_diagonal(4)")
    assert cells == [
        "block_diagonal(4)",
        "0.992* ███████▉ [0.980, 1.000]",
        "17/20",
        "7,000 [6,000, 8,000]",
        "64",
        "112",
        "3.00",
        "4.83",
        "2.13* [1.96, 2.22]",
        "6.42* [5.91, 7.02]",
        "2.55* [2.33, 2.77]",
    ]


def test_units_stand_in_the_header():
    found = {made.title: made.unit for made in columns(addition())}
    assert found == {
        "accuracy": "share",
        "solved": "seeds",
        "steps to solve": "iterations",
        "recurrent weights": "",
        "all weights": "",
        "saved activations": "MiB",
        "peak memory": "MiB",
        "forward": "ms",
        "forward + backward": "ms",
        "training rate": "M steps/s",
    }
    text = shown(addition())
    assert "(M steps/s)" in text
    assert "ms" not in text.partition("────")[2].partition("Findings")[0].replace("times", "")


def test_errors_are_written_by_their_powers_of_ten():
    figures = [{"equivalence_error": Figure("exact", (value,))} for value in (2.07e-13, 3.4e-6, 0.25)]
    found = column(document([case(str(value), value) for value in figures]), "error of Jordan form")
    assert [cell.value for cell in found.cells] == ["2.1e-13", "3.4e-06", "2.5e-01"]
    assert [cell.best for cell in found.cells] == [True, False, False]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
def test_every_width_holds_all_figures_without_breaking_them(width):
    results = addition(["dense", "tridiagonal", "diagonal"])
    text = shown(results, width)
    assert max(map(cell_len, text.splitlines())) <= width
    for index, one in enumerate(results.cases):
        cells = " ".join(" ".join(row) for row in rows(text, one["name"]))
        for found in columns(results):
            assert found.cells[index].value in cells
            assert found.cells[index].interval in cells


def test_80_columns_fold_into_tables_of_learning_storage_and_time():
    text = shown(addition(["dense", "diagonal"]), 80)
    assert [len(row) - 1 for row in rows(text, "dense")] == [3, 4, 3]


def test_tables_fill_up_with_whole_groups():
    made = [set_column(found) for found in columns(addition())]
    assert fold(made, 10_000) == [made]
    needed = [
        sum(found.width + 2 for found in made if found.group == group) for group in ("learning", "storage", "time")
    ]
    assert [part[-1].group for part in fold(made, needed[0] + needed[1])] == ["storage", "time"]
    assert [part[0].group for part in fold(made, max(needed))][:2] == ["learning", "storage"]


@pytest.mark.parametrize("room", range(10, 230, 11))
def test_folding_loses_no_column_and_only_a_lone_one_may_be_too_wide(room):
    made = [set_column(found) for found in columns(addition())]
    parts = fold(made, room)
    assert [found for part in parts for found in part] == made
    assert all(len(part) == 1 or sum(found.width + 2 for found in part) <= room for part in parts)


def test_long_names_are_broken_after_a_slash_and_figures_stay_on_their_lines():
    name = "banded(12,12,circular=true)/hidden=1024/training.iterations=100000"
    results = document([case(name, training([0.25] * 20)), case("short", training([0.75] * 20))])
    text = shown(results, 80)
    assert "banded(12,12,circular=true)/ " in text
    assert "\nhidden=1024/" in text
    assert max(map(cell_len, text.splitlines())) <= 80
    assert rows(text, "short")[0][1].startswith("0.750")
    assert rows(text, "banded(12,12,circular=true)/")[0][1].startswith("0.250")


def test_the_best_and_what_cannot_be_told_from_it_are_marked():
    marks = [cell.best for cell in column(addition(), "accuracy").cells]
    # dense is best; the intervals of the next two reach 1, that of banded(2,2) does not.
    assert marks == [True, True, True, False, False, False, False, False]
    # What has no recurrence is the floor, and no rival.
    assert [cell.value for cell in column(addition(), "recurrent weights").cells if cell.best] == ["16"]
    assert "none, which has no recurrence, is the floor" in shown(addition(), 140)


def test_a_search_that_ended_without_an_end_says_over():
    beyond = limits("stream", 32768.0, (20.0, 30.0, 40.0), 60.0)
    beyond["metrics"]["max_length_memory"]["flags"] = ["longest_tried"]
    results = document([limits("dense", 500.0, (20.0, 30.0, 40.0), 60.0, kernel="torch"), beyond])
    found = next(one for one in columns(results) if one.key == "max_length_memory")
    assert [cell.value for cell in found.cells] == ["500", "over 32,768"]
    assert "over 32,768*" in shown(results, 140)
    assert "**over 32,768**" in to_markdown(results)


def test_the_loss_is_shown_where_a_task_is_judged_by_it():
    def trained(judged_by):
        figures = training([0.5] * 5)
        figures["final_loss"] = Figure("replicas", (0.01, 0.02, 0.03, 0.04, 0.05), (), {"judged_by": judged_by})
        return figures

    by_loss = document([case("a", trained("loss")), case("b", trained("accuracy"), seed=1)])
    assert [cell.value for cell in column(by_loss, "final loss").cells] == ["0.0300", "0.0300"]
    by_accuracy = document([case("a", trained("accuracy"))])
    assert "final loss" not in [made.title for made in columns(by_accuracy)]


def test_peak_memories_that_one_process_each_cannot_tell_are_marked_together():
    """Two that lie 0.2 MiB apart, and one that lies 0.3 MiB above the lower one."""
    peaks = [2 << 20, (2 << 20) + (200 << 10), (2 << 20) + (300 << 10)]
    made = document([case(f"{peak}", memory(7, 9, peak=peak)) for peak in peaks])
    assert [cell.best for cell in column(made, "peak memory").cells] == [True, True, False]
    assert "peak memory: what differs by 0.25 MiB or less is not told apart." in shown(made)


def test_what_rests_on_few_seeds_has_no_best():
    made = [limits("dense", 500.0, (20.0, 30.0, 40.0), 27.0), limits("diagonal", 600.0, (20.0, 30.0, 40.0), 45.0)]
    assert [cell.best for cell in column(document(made), "longest learnt").cells] == [False, False]
    assert any(cell.best for cell in column(document(made), "longest in memory").cells)


def test_the_lowest_time_and_the_highest_rate_are_best():
    cases = [
        case("slow", launches=throughput(0.02, 0.06, noise=0.01)),
        case("fast", launches=throughput(0.01, 0.03, noise=0.01), seed=1),
    ]
    for title in ("forward", "forward + backward", "training rate"):
        assert [cell.best for cell in column(document(cases), title).cells] == [False, True]


def test_where_all_are_alike_none_is_marked():
    cases = [case("a", memory(1, 2)), case("b", memory(1, 2), seed=1)]
    text = shown(document(cases))
    assert "*" not in text
    assert "*" not in shown(addition(["dense"]))


def test_marks_survive_without_colour_and_are_bold_with_it(monkeypatch):
    results = addition(["dense", "diagonal"])
    plain = shown(results, 120)
    assert "\x1b" not in plain
    assert "1.000* ████████ [1.000, 1.000]" in plain
    assert "* the best of its column" in plain
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = shown(results, 120, force_terminal=True, color_system="standard")
    assert "\x1b[1;32m1.000* ████████ [1.000, 1.000]" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1m1.000* ████████ [1.000, 1.000]" in shown(results, 120, force_terminal=True, color_system="standard")


def test_the_caption_says_what_intervals_are_over():
    assert "95 % intervals, over seeds or launches" in shown(addition(["dense", "diagonal"]))
    assert "95 % intervals, over seeds;" in shown(document([case("a", training([0.5] * 5))]))
    assert "intervals" not in shown(document([case("a", memory(1, 2))]))


def test_a_figure_that_is_missing_says_why_where_it_can():
    results = document(
        [
            case("never", training([0.5] * 20)),
            case("diverged", {"accuracy": Figure("replicas", (0.5, None))}, seed=1),
            case("unmeasured", seed=2),
        ]
    )
    assert [cell.value for cell in column(results, "steps to solve").cells] == ["not reached", "-", "-"]
    assert [cell.value for cell in column(results, "accuracy").cells] == ["0.500", "not finite", "-"]
    text = shown(results)
    assert "at least half of the seeds never solved the task: never" in text
    assert "figures that are not finite: diverged" in text


def test_a_status_column_is_there_only_if_a_case_is_not_ok():
    results = addition(["dense", "diagonal"])
    assert "status" not in shown(results)
    results.cases[1].update(status="oom", reason="training: needs 40 GB", metrics={})
    text = shown(results)
    assert rows(text, "diagonal")[0][:3] == ["diagonal", "oom", "-"]
    assert "Failed cases\n- diagonal: oom: training: needs 40 GB\n" in text


def test_several_scopes_are_several_columns():
    launch = {f"training_time.{scope}": Figure("timing", (0.1, 0.1)) for scope in ("layer", "model")}
    titles = [found.title for found in columns(document([case("a", launches=[launch, launch])]))]
    assert titles == [
        "forward + backward, layer",
        "forward + backward, model",
        "training rate, layer",
        "training rate, model",
    ]


def test_forward_rates_stand_in_where_nothing_was_trained():
    launch = {"forward_time.layer": Figure("timing", (0.1,))}
    assert [found.title for found in columns(document([case("a", launches=[launch])]))] == ["forward", "forward rate"]


def test_unknown_metrics_of_a_later_version_are_shown_with_their_unit():
    results = addition(["dense", "diagonal"])
    record = {"unit": "joules", "better": "lower", "ci95": None, "samples": None, "flags": ["by_meter"], "details": {}}
    results.cases[0]["metrics"]["energy.layer"] = {**record, "value": 12.345}
    results.cases[1]["metrics"]["energy.layer"] = {**record, "value": 3.0}
    found = columns(results)[-1]
    assert (found.title, found.unit) == ("energy.layer", "joules")
    assert found.cells == (Cell("12.3"), Cell("3.00", best=True))
    assert "by_meter: all cases" in shown(results)


def test_figures_in_another_unit_are_not_put_under_the_same_header():
    results = addition(["dense", "diagonal"])
    results.cases[1]["metrics"]["peak_memory"]["unit"] = "pages"
    assert column(results, "peak memory").cells[1].value == "-"


def test_the_header_says_what_was_run_where_and_when():
    assert shown(addition(["dense"])).startswith(
        "addition: 1 case; Example CPU 3000, 2 cores, 8 GiB, Linux; rnnbench 0.1.0, torch 2.13.0+cpu; 5\n"
        "launches; 2026-01-02 03:04:05 UTC.\n"
    )


@pytest.mark.parametrize(
    "machine", [{}, {"cpu": [], "gpus": 3, "memory_bytes": "much"}, {"gpus": [1, {"name": "H100"}]}]
)
def test_the_header_makes_do_with_what_there_is(machine):
    results = addition(["dense"])
    results.data.update(machine=machine, provenance={"packages": []})
    results.data["run"] = {"id": "x", "started": "2026-01-02T03:04:05Z"}
    text = shown(results).splitlines()[0]
    assert text.startswith("addition: 1 case; ")
    assert text.endswith("2026-01-02 03:04:05 UTC; not finished.")


def test_findings_and_warnings_are_wrapped_bullets():
    results = addition(["dense"])
    results.data["findings"] = [{"text": "word " * 30}]
    results.data["warnings"] = ["busy"]
    text = shown(results, 80)
    assert "\nFindings\n- word word" in text
    assert "\n  word word" in text
    assert "\nWarnings\n- busy\n" in text


def test_a_document_without_cases_says_so():
    assert "No cases." in shown(document([]))


def test_text_from_a_document_is_neither_interpreted_nor_able_to_steer_the_terminal():
    evil = "\x1b[2J[bold]x[/bold]:smile:\u202e[link=http://example.org]y"
    results = document([case(evil, training([0.5, 1.0]), status="error", reason=evil)], name="addition")
    results.suite["name"] = results.machine["cpu"]["model"] = results.run["started"] = evil
    results.data["findings"] = [{"text": evil}]
    results.data["warnings"] = [evil]
    record = {
        "value": 1.0,
        "unit": evil,
        "better": "none",
        "ci95": None,
        "samples": None,
        "flags": [evil],
        "details": {},
    }
    results.cases[0]["metrics"][evil] = record
    results.cases[0]["status"] = evil
    for text in (shown(results), shown(results, 80)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[2J[bold]x[/bold]:smile:[link=" in text

"""Two recorded runs of one suite, on an AMD EPYC and on an Intel Xeon: compared without a verdict, and never gated.

The documents are what `rnnbench run suites/addition.yaml` wrote there: three of their cases, without learning curves
and findings. On the Xeon other processes were at work: some launches were taken again.
"""

import json
from pathlib import Path

import pytest

from rnnbench.analysis.align import Document, check_documents
from rnnbench.results.document import Results
from tests.cli.test_show import rnnbench

GOLDEN = Path(__file__).parents[1] / "golden"
EPYC, XEON = GOLDEN / "addition-epyc.json", GOLDEN / "addition-xeon.json"
CASES = ["dense", "banded(2,2)", "tridiagonal"]
TIMES = {"forward_time.layer", "training_time.layer"}


def test_both_are_whole_and_of_different_processors():
    documents = [Document(str(path), Results.read(path)) for path in (EPYC, XEON)]
    check_documents(documents)
    models = [document.results.machine["cpu"]["model"] for document in documents]
    assert models == ["AMD EPYC", "Intel(R) Xeon(R) Processor"]
    assert documents[0].results.machine["fingerprint"] != documents[1].results.machine["fingerprint"]


@pytest.mark.parametrize(("base", "new"), [(EPYC, XEON), (XEON, EPYC)])
def test_they_compare_by_rooflines_and_within_each_machine_without_a_verdict_on_times(base, new):
    done = rnnbench("compare", base, new, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = json.loads(done.stdout)["comparisons"]
    assert found["same_machine"] is False
    metrics = {metric["metric"]: metric["cases"] for metric in found["metrics"]}
    for key in TIMES:
        assert {case["name"] for case in metrics[key]} == set(CASES)
        assert {(case["verdict"], case["p"], case["p_adjusted"]) for case in metrics[key]} == {("none", None, None)}
    assert {key: [one["case"] for one in found["roofline"][key]] for key in TIMES} == dict.fromkeys(TIMES, CASES)
    assert {one["baseline"] for key in TIMES for one in found["within_machine"][key]} == {"dense"}
    assert set(found["rank_agreement"]) == TIMES


def test_a_ratio_of_roofline_shares_is_that_of_floors_over_that_of_times():
    (found,) = json.loads(rnnbench("compare", EPYC, XEON, "--format", "json").stdout)["comparisons"]
    records = [Results.read(path).cases for path in (EPYC, XEON)]
    for index, one in enumerate(found["roofline"]["training_time.layer"]):
        metrics = [cases[index]["metrics"] for cases in records]
        floors = [m["flops_fraction.training.layer"]["details"]["floor_time"] for m in metrics]
        times = [m["training_time.layer"]["value"] for m in metrics]
        assert one["ratio"] == pytest.approx((floors[1] / floors[0]) / (times[1] / times[0]))
        assert one["ci95"][0] <= one["ratio"] <= one["ci95"][1]


def test_tables_label_what_is_compared_and_say_why_there_is_no_verdict():
    for output in ("table", "markdown"):
        text = rnnbench("compare", EPYC, XEON, "--format", output).stdout
        assert "Share of each machine's roofline: forward, layer" in text
        assert "Within each machine: forward, layer" in text
        assert "No verdict on times: the machines differ" in " ".join(text.split())
        assert not {"faster", "slower", "none"} & set(text.replace("**", "").split())
    assert "cpu model: AMD EPYC -> Intel(R) Xeon(R) Processor" in rnnbench("compare", EPYC, XEON).stdout


@pytest.mark.parametrize("options", [[], ["--earlier", GOLDEN], ["--limit", "10", "--strict"]])
def test_a_gate_refuses_them_with_exit_code_6(options):
    done = rnnbench("gate", EPYC, XEON, *options)
    assert (done.returncode, done.stdout) == (6, "")
    assert "of different machines" in done.stderr
    assert "AMD EPYC -> Intel(R) Xeon(R) Processor" in done.stderr

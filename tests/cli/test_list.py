import pytest
from click.testing import CliRunner

from rnnbench.cell import CELLS
from rnnbench.cli import main
from rnnbench.cli.list_ import list_
from rnnbench.connectivity import CONNECTIVITIES
from rnnbench.kernels.catalogue import KERNELS
from rnnbench.measure.catalogue import MEASUREMENTS
from rnnbench.suite.decay import DECAYS
from rnnbench.suite.initialisation import INITIALISATIONS
from rnnbench.suite.schema import MEASUREMENT_SETTINGS, Measure, Parameters
from rnnbench.tasks import TASKS


def listed(what):
    result = CliRunner().invoke(list_, [what], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    return result.stdout


def test_connectivities_with_options_formula_and_summary():
    text = listed("connectivities")
    for connectivity in CONNECTIVITIES:
        for part in (connectivity.kind, *connectivity.aliases, *connectivity.model_fields, connectivity.count[:30]):
            assert part in text
    assert "circular=false" in text
    assert "the same as banded(1,1)" in text
    assert "the same as banded(1,1,circular=true)" in text


def test_cells_with_gates_and_equations():
    text = listed("cells")
    for cell in CELLS.values():
        assert all(part in text for part in (cell.name, " ".join(cell.gates), *cell.summary.splitlines()))


def test_kernels():
    text = listed("kernels")
    assert "auto" in text
    assert all(kernel.name in text and kernel.summary in text for kernel in KERNELS)


def test_tasks():
    text = listed("tasks")
    assert all(task.kind in text and task.summary in text for task in TASKS)
    assert "bits=8" in text


@pytest.mark.parametrize(("word", "choices"), [("initialisations", INITIALISATIONS), ("decays", DECAYS)])
def test_initialisations_and_decays_with_their_options(word, choices):
    text = listed(word)
    for choice in choices:
        assert all(part in text for part in (choice.kind, choice.summary, *choice.model_fields))


def test_measurements_with_settings_and_metrics():
    text = listed("measurements")
    for entry in MEASUREMENTS:
        assert all(part in text for part in (entry.name, entry.summary, *entry.metrics))
    assert "optimizer=sgd(0.1)" in text
    assert "scopes=[layer]" in text


def test_the_catalogues_and_the_schema_name_the_same():
    assert {entry.name for entry in MEASUREMENTS} == set(Measure.model_fields) == set(MEASUREMENT_SETTINGS)
    kernels = Parameters.model_json_schema()["properties"]["kernel"]["enum"]
    assert kernels == ["auto", *kernels[1:]]
    assert set(kernels[1:]) == {kernel.name for kernel in KERNELS}


def test_a_misspelt_word_is_corrected(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["list", "conectivities"])
    assert caught.value.code == 2
    assert "cannot list 'conectivities': did you mean 'connectivities'?" in capsys.readouterr().err


def test_narrow_terminals_get_whole_words():
    result = CliRunner().invoke(list_, ["measurements"], env={"COLUMNS": "80"})
    assert "saved_activation_bytes" in result.stdout

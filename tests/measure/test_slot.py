"""A slot of a round: prepared once, timed each time."""

import pytest

from rnnbench.measure import slot as module
from rnnbench.measure.catalogue import SLOT
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.perform import perform
from tests.cases import ignore_progress, make_case


def case_of(**parameters):
    throughput = {"scopes": ["recurrence", "layer"]}
    return make_case({"throughput": throughput}, hidden=6, input=3, time_steps=7, batch=2, **parameters)


def test_a_slot_has_one_time_of_each_pass_and_scope():
    observation = perform(SLOT, case_of(), ignore_progress)
    assert set(observation.figures) == {
        f"{name}_time.{scope}" for name in ("forward", "training") for scope in ("recurrence", "layer")
    }
    assert all(len(figure.values) == 1 and figure.values[0] > 0 for figure in observation.figures.values())
    assert observation.agreement["max_error"] <= observation.agreement["tolerance"]


def test_a_case_is_prepared_once_and_gives_way_to_another(monkeypatch):
    prepared = []
    prepare = module._prepare
    monkeypatch.setattr(module, "_prepare", lambda case: prepared.append(case.parameters.hidden) or prepare(case))
    first, second = case_of(connectivity="diagonal"), case_of(connectivity="none")
    for case in (first, first, second, first):
        perform(SLOT, case, ignore_progress)
    assert len(prepared) == 3
    assert len(module._held) == 1


def test_what_cannot_be_measured_fails_as_in_throughput():
    with pytest.raises(CaseFailure, match="not finite"):
        perform(
            SLOT, case_of(activation="identity", initialisation={"spectral_radius": {"radius": 1e30}}), ignore_progress
        )

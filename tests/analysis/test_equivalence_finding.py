"""What findings say of linear recurrences in another basis."""

from rnnbench.analysis.equivalence import equivalence_finding


def case(name, error, *, dtype="float64", flags=(), nonzeros=30, tanh=1.5, speed=4.0):
    def record(value, details=(), flags=()):
        return {"value": value, "details": dict(details), "flags": list(flags)}

    return {
        "name": name,
        "status": "ok",
        "metrics": {
            "equivalence_error": record(error, {"dtype": dtype}, flags),
            "equivalence_error_tanh": record(tanh),
            "basis_condition": record(12.0),
            "form_nonzeros": record(nonzeros, {"dense": 256}),
            "form_speedup.recurrence": record(speed),
        },
    }


def test_all_the_same():
    finding = equivalence_finding([case("a", 2e-14), case("b", 3e-7, dtype="float32", nonzeros=32, speed=12.0)])
    assert finding["text"] == (
        "In real Jordan form, 2 of 2 linear recurrences give the same outputs (relative error at most 3e-07 in float32 "
        "and 2e-14 in float64), with 0.12 of the non-zeros at 4.0x to 12x the speed of dense (recurrence, forward); "
        "under tanh the same change of basis moves outputs by 1.5 of the largest, or more."
    )
    assert finding["equivalence"][0] == {
        "case": "a",
        "equivalence_error": 2e-14,
        "equivalence_error_tanh": 1.5,
        "basis_condition": 12.0,
        "form_nonzeros": 30,
    }


def test_one_in_schur_form_and_one_that_differs():
    cases = [case("a", 2e-3, flags=["not_equivalent"], nonzeros=64, tanh=0.4), case("b", 1e-15, flags=["schur_form"])]
    text = equivalence_finding(cases)["text"]
    assert text.startswith(
        "In real Jordan form, 0 of 1 linear recurrences give the same outputs (relative error at most"
    )
    assert "1 case whose eigenvectors are too near to each other" in text
    assert "takes the real Schur form: 1 of 1 linear recurrences" in text
    assert text.endswith("moves outputs by 0.4 of the largest, or more.")


def test_nothing_without_the_measurement():
    assert equivalence_finding([{"name": "a", "status": "ok", "metrics": {}}]) is None
    assert equivalence_finding([case("a", None)]) is None

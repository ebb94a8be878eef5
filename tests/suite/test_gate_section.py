"""The section ``gate`` of a suite: limits with their places, checked like everything else, kept in the results."""

GATED = """
matrix: {connectivity: [dense, diagonal]}
gate:
  alpha: 0.02
  limits:
    - {metric: training_time, limit: 0.1}
    - {metric: forward_time.layer, cases: dense or diag, limit: 0.2}
    - {metric: peak_memory, limit: null}
"""


def test_limits_are_kept_with_the_suite_for_the_results(load):
    assert load(GATED).resolved["gate"] == {
        "alpha": 0.02,
        "limits": [
            {"metric": "training_time", "limit": 0.1},
            {"metric": "forward_time.layer", "limit": 0.2, "cases": "dense or diag"},
            {"metric": "peak_memory"},
        ],
    }


def test_a_suite_without_limits_says_nothing(load):
    assert "gate" not in load("matrix: {hidden: [1, 2]}").resolved


def test_all_mistakes_are_said_with_their_places(problems):
    lines = problems(
        """
        matrix: {connectivity: [dense, diagonal]}
        gate:
          alpha: 0
          limits:
            - {metric: training_tim, limit: -1}
            - {metric: peak_memory, limit: 0.1, case: dense}
            - {metric: peak_memory, limit: 0.1, cases: dense and}
            - {limit: 0.1}
        """
    )
    assert [line.split(":", 4)[3] for line in lines[:-1]]
    text = "\n".join(lines)
    assert "gate.alpha: should be greater than 0, not 0" in text
    assert "gate.limits[0].metric: unknown metric 'training_tim': did you mean 'training_time'?" in text
    assert "gate.limits[0].limit: should be at least 0, not -1" in text
    assert "gate.limits[1].case: unknown key 'case': did you mean 'cases'?" in text
    assert "gate.limits[2].cases: 'dense and': expected a part of a name here" in text
    assert "gate.limits[3]: the key 'metric' is missing: say which metric is limited" in text
    assert lines[-1].startswith("6 problems")


def test_a_pattern_that_selects_nothing_is_a_mistake_unless_values_are_set(load, problems):
    text = GATED.replace("dense or diag", "banded")
    (line,) = problems(text)
    assert "gate.limits[1].cases: 'banded' selects none of the 2 cases of this suite" in line
    assert load(text, "connectivity=none,dense").cases

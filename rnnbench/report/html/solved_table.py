"""How many seeds solve the task at each length that was tried: what the longest lengths learnt rest on."""

from __future__ import annotations

from rnnbench.analysis.contrast import Contrast
from rnnbench.analysis.lookback import tried
from rnnbench.analysis.reach_line import exact_tests, limited, tested
from rnnbench.analysis.wording import count, p_value
from rnnbench.report.html.elements import table

_NOTHING = "–"
_CAPTION = "Seeds that solve the task at each length T; – where a length was not tried"


def solved_table(contrast: Contrast) -> str:
    """Return the table as HTML; nothing where no longest length that is learnt was looked for."""
    found = {name: tried(case) for name, case in limited(contrast).items()}
    lengths = sorted({steps for seeds in found.values() for steps in seeds})
    if not lengths:
        return ""
    tests = tested(contrast)
    rows = [
        [
            name,
            *(f"{seeds[steps][0]} of {seeds[steps][1]}" if steps in seeds else _NOTHING for steps in lengths),
            f"{p_value(tests[name].p)} at T = {count(tests[name].steps)}" if name in tests else _NOTHING,
        ]
        for name, seeds in found.items()
    ]
    heads = [contrast.axis, *(f"T = {count(steps)}" for steps in lengths), f"beside {contrast.baseline}"]
    base = contrast.baseline
    by = f"; beside {base}: {exact_tests(len(tests))}, at the shortest T that it learns and {base} does not"
    return table(heads, rows, _CAPTION + (by if tests else ""))

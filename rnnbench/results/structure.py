"""The shape that documents must have before anything else looks at them.

What is not listed here or in :mod:`rnnbench.results.contents` is neither checked nor lost, so that documents of a newer
minor version are read.
"""

from __future__ import annotations

from typing import Any

from rnnbench.results.contents import AGREEMENT, CALIBRATION, KERNEL, PARAMETERS, RESOLVED, with_details
from rnnbench.results.shape import (
    INTEGER,
    INTEGER_OR_NULL,
    MAPPING,
    MAPPING_OR_NULL,
    NUMBER,
    NUMBER_OR_NULL,
    ROWS,
    TEXT,
    TEXT_OR_NULL,
    Shape,
    StructureError,
    each,
    each_value,
    nullable,
    required,
    shown,
)


def _check_interval(value: Any, path: str) -> None:
    if value is None:
        return
    each(NUMBER).check(value, path)
    if len(value) != 2 or value[0] > value[1]:
        raise StructureError(f"{path}: expected [low, high] or null, found {shown(value)}")


_interval = Shape(
    _check_interval,
    {"type": ["array", "null"], "items": NUMBER.schema, "minItems": 2, "maxItems": 2},
)


_METRIC = required(
    {
        "value": NUMBER_OR_NULL.said("In SI units; null where there is none, for which a flag has the reason."),
        "unit": TEXT.said("s, bytes, steps/s, ...; 1 for a pure number."),
        "better": TEXT.said("higher, lower or none."),
        "ci95": _interval.said("[low, high]: the 95 % interval, over launches or replicas."),
        "samples": nullable(ROWS).said("What the value and its interval were made of, launch by launch."),
        "flags": each(TEXT).said("Short names of what a reader should know."),
        "details": MAPPING.said("More, as the metric has it."),
    }
)

_CASE = required(
    {
        "id": TEXT.said("A hash of what is measured."),
        "name": TEXT.said("The values of the axes, joined by slashes."),
        "parameters": PARAMETERS.said("Every parameter, with settings of measurements under `measure`."),
        "status": TEXT.said("ok, skipped, oom, timeout, error or interrupted."),
        "reason": TEXT_OR_NULL.said("Why it is not ok."),
        "metrics": with_details(_METRIC).said("By metric, with its scope: training_time.layer."),
    },
    {
        "kernel": nullable(KERNEL).said("Which kernel ran, and why others were passed over."),
        "agreement": nullable(AGREEMENT).said("How far its states and gradients were from the float64 loop."),
    },
)

_ANSWER = required(
    {
        "question": TEXT.said("What is asked: what is learnt, how far back it looks, or how fast it is."),
        "text": TEXT.said("The answer."),
        "cost": TEXT.said("What it costs or saves; may be empty."),
        "sure": TEXT.said("How sure that is."),
        "takes": each(TEXT).said("The connectivities that are shown to be the answer."),
    },
    {"necessary": TEXT.said("Whether full connectivity is necessary for it; may be empty.")},
)

DOCUMENT = required(
    {
        "run": required({"id": TEXT, "started": TEXT}),
        "suite": required({"name": TEXT, "resolved": RESOLVED}, {"description": TEXT_OR_NULL}),
        "provenance": MAPPING,
        "machine": MAPPING,
        "conditions": MAPPING,
        "cases": each(_CASE),
        "findings": each(required({"text": TEXT})),
        "warnings": each(TEXT),
    },
    {
        "calibration": nullable(CALIBRATION),
        "conclusions": nullable(
            required({"by": TEXT, "setting": TEXT, "answer": nullable(_ANSWER)}).said(
                "What follows from the figures beside the findings, and which code said so."
            )
        ),
    },
)
"""A whole results document, below its ``schema``."""
check_document = DOCUMENT.check


def _check_slots(value: Any, path: str) -> None:
    """Check the four times of each round of a metric."""
    each(each(NUMBER)).check(value, path)
    for index, slots in enumerate(value):
        if len(slots) != 4 or min(slots) <= 0:
            raise StructureError(f"{path}[{index}]: expected 4 positive times, found {shown(slots)}")


_slots = Shape(_check_slots, each(each(NUMBER)).schema)
_SIDE = required({"id": TEXT, "parameters": MAPPING, "kernel": MAPPING_OR_NULL})
_ARM = required(
    {"label": TEXT, "settings": each(TEXT), "rnnbench": MAPPING, "packages": MAPPING, "git": MAPPING_OR_NULL}
)

PAIRED = required(
    {
        "run": required({"id": TEXT, "started": TEXT, "finished": TEXT_OR_NULL, "seed": INTEGER}),
        "plan": required(
            {"screening": INTEGER_OR_NULL, "deciding": INTEGER_OR_NULL, "alpha": NUMBER, "limits": each(TEXT)}
        ),
        "suite": required({"name": TEXT, "resolved": MAPPING}),
        "arms": required({"base": _ARM, "head": _ARM}),
        "machine": MAPPING,
        "conditions": MAPPING,
        "rounds": each(required({"stage": INTEGER, "order": TEXT, "seconds": NUMBER})),
        "cases": each(
            required(
                {
                    "name": TEXT,
                    "status": TEXT,
                    "reason": TEXT_OR_NULL,
                    "base": _SIDE,
                    "head": _SIDE,
                    "metrics": each_value(
                        required(
                            {
                                "unit": TEXT,
                                "better": TEXT,
                                "rounds": each(INTEGER),
                                "seconds": _slots,
                                "log_ratios": each(NUMBER),
                            }
                        )
                    ),
                }
            )
        ),
        "warnings": each(TEXT),
    }
)
"""A whole document of paired rounds, below its ``schema``."""
check_paired = PAIRED.check

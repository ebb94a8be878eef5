"""The JSON Schema of results documents: what readers rely on. Whatever else a document holds is kept and ignored."""

from __future__ import annotations

import re
from typing import Any

from rnnbench.results.document import SCHEMA_NAME, SCHEMA_VERSION
from rnnbench.results.structure import DOCUMENT

_SECTIONS = {
    "schema": "What kind of document this is. Readers refuse another major version.",
    "run": "When, how and by which rnnbench the run was made.",
    "suite": "What was asked for, every value validated.",
    "provenance": "The commit, the packages and the Python that ran.",
    "machine": "The machine, and the fingerprint within which timings compare.",
    "conditions": "Load, frequency, throttling and stolen time, at the start and at the end.",
    "calibration": "What the machine can reach: bandwidths, peaks of products, latencies; null where not measured.",
    "cases": "One entry per case, in the order of the suite. Figures are in SI units; what is not finite is null.",
    "conclusions": "What follows beside the findings, and which code said so; other code draws its own.",
    "findings": "What follows from the figures, as sentences with the figures that they rest on.",
    "warnings": "What a reader should know before trusting the figures.",
}


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 7) of the documents that :meth:`rnnbench.results.document.Results.read` takes."""
    major = re.escape(SCHEMA_VERSION.partition(".")[0])
    properties: dict[str, Any] = {
        "schema": {
            "type": "object",
            "required": ["name", "version"],
            "properties": {
                "name": {"const": SCHEMA_NAME},
                "version": {"type": "string", "pattern": rf"^0*{major}\.[0-9]+$"},
            },
        },
        **DOCUMENT.schema["properties"],
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "rnnbench results",
        "description": f"What `rnnbench run` writes, version {SCHEMA_VERSION}.",
        "type": "object",
        "required": ["schema", *DOCUMENT.schema["required"]],
        "properties": {key: {"description": text, **properties[key]} for key, text in _SECTIONS.items()},
    }

"""A gate as JUnit XML, the test report that CI systems read: a suite per metric, a test per case.

The elements are those of the schema that the Jenkins xUnit plugin publishes (junit-10.xsd).
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from rnnbench.analysis.gate_line import Line, Outcome
from rnnbench.report.gate_words import line_text
from rnnbench.report.printable import printable


def to_junit(lines: Sequence[Line]) -> str:
    """Return the gate as XML: REGRESSED fails, MISSING is an error, what is open or only advice is skipped."""
    root = Xml.Element("testsuites", name="rnnbench gate")
    by_metric: dict[str, list[Line]] = {}
    for line in lines:
        by_metric.setdefault(line.metric, []).append(line)
    for metric, tested in by_metric.items():
        kinds = [_kind(line) for line in tested]
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=printable(metric),
            tests=str(len(tested)),
            failures=str(kinds.count("failure")),
            errors=str(kinds.count("error")),
            skipped=str(kinds.count("skipped")),
        )
        for line, kind in zip(tested, kinds, strict=True):
            test = Xml.SubElement(suite, "testcase", classname=printable(metric), name=printable(line.name))
            if kind is not None:
                Xml.SubElement(test, kind, message=line_text(line))
            else:
                Xml.SubElement(test, "system-out").text = line_text(line)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _kind(line: Line) -> str | None:
    """Return the element that says how a test ended, or None where it passed."""
    if line.failing:
        return "failure"
    if line.outcome is Outcome.MISSING:
        return "error"
    return "skipped" if line.outcome in (Outcome.INCONCLUSIVE, Outcome.REGRESSED) else None

"""JUnit XML, the test report that CI systems read.

The elements are those of the schema that the Jenkins xUnit plugin publishes (junit-10.xsd).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as Xml

from rnnbench.report.printable import printable


@dataclass(frozen=True)
class Test:
    """One test of a report.

    Attributes
    ----------
    suite, name
        Where it is listed.
    said
        The message of how it ended, or what it has to say where it passed.
    ended
        None where it passed.
    output
        What it printed, beside the message of a test that did not pass.
    """

    suite: str
    name: str
    said: str
    ended: Literal["failure", "error", "skipped"] | None = None
    output: str = ""


def junit_xml(title: str, tests: Iterable[Test]) -> str:
    """Return a report of ``tests``, the suites in the order in which they first appear."""
    root = Xml.Element("testsuites", name=printable(title))
    suites: dict[str, list[Test]] = {}
    for test in tests:
        suites.setdefault(test.suite, []).append(test)
    for name, members in suites.items():
        ends = [test.ended for test in members]
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=printable(name),
            tests=str(len(members)),
            failures=str(ends.count("failure")),
            errors=str(ends.count("error")),
            skipped=str(ends.count("skipped")),
        )
        for test in members:
            _add(suite, test)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(suite: Xml.Element, test: Test) -> None:
    case = Xml.SubElement(suite, "testcase", classname=printable(test.suite), name=printable(test.name))
    if test.ended is not None:
        Xml.SubElement(case, test.ended, message=printable(test.said))
    output = test.output if test.ended is not None else test.said
    if output:
        Xml.SubElement(case, "system-out").text = printable(output)

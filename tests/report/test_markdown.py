"""Markdown: one table with every column, for a README."""

from rnnbench.report.markdown import to_markdown
from tests.documents import addition, case, document, memory


def test_the_table_has_units_in_its_header_and_the_best_in_bold():
    lines = to_markdown(addition(["dense", "tridiagonal"])).splitlines()
    assert lines[2].startswith("| case | accuracy (share) | solved (seeds) | steps to solve (iterations) | recurrent ")
    assert lines[3] == "| --- |" + " ---: |" * 10
    assert lines[4].startswith(r"| dense | **1.000** \[1.000, 1.000\] | **20/20** | 6,500 ")
    assert lines[5].startswith(r"| tridiagonal | 0.585 \[0.508, 0.661\] | 0/20 | not reached | **46** | **94** | ")
    assert any(line.startswith("bold: the best of its column") for line in lines)


def test_findings_warnings_and_failures_follow_as_lists():
    results = addition(["dense"])
    results.data.update(findings=[{"text": "dense learns."}], warnings=["busy"])
    results.cases[0].update(status="timeout", reason="300 s")
    text = to_markdown(results)
    assert "\n\n**Findings**\n\n- dense learns.\n" in text
    assert "\n\n**Warnings**\n\n- busy\n" in text
    assert "\n\n**Failed cases**\n\n- dense: timeout: 300 s\n" in text


def test_text_from_a_document_is_escaped():
    text = to_markdown(document([case("a|b<script>[x](http://y)\n*z*\x1b", memory(1, 2))]))
    assert r"| a\|b\<script\>\[x\](http://y) \*z\* |" in text

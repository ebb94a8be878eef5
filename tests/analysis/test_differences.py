"""What differs between two runs besides their figures is said, and nothing else is."""

from rnnbench.analysis.align import Document, align
from rnnbench.analysis.differences import differences
from tests.documents import session


def said(base, new):
    return [str(found) for found in differences(align(Document("a.json", base), Document("b.json", new)))]


def test_two_sessions_of_one_machine_and_version_differ_in_nothing():
    assert said(session(1), session(2)) == []


def test_versions_settings_commits_and_devices_are_compared():
    base, new = session(1), session(2)
    new.provenance["packages"] = {"torch": "2.14.0+cpu", "numba": "0.68"}
    new.provenance["git"] = {"commit": "0123456789abcdef", "dirty": True}
    base.run["settings"], new.run["settings"] = {"threads": 2, "flush_denormal": True}, {"threads": 4}
    new.run["devices"] = {"auto": "cuda"}
    new.run["tags"] = ["quick"]
    assert said(base, new) == [
        "torch: 2.13.0+cpu -> 2.14.0+cpu",
        "numpy: 2.4.6 -> none",
        "numba: none -> 0.68",
        "setting threads: 2 -> 4",
        "setting flush_denormal: yes -> none",
        "device auto: none -> cuda",
        "run's tags: none -> quick",
        "git commit: none -> 0123456789",
        "git uncommitted changes: none -> yes",
    ]


def test_the_machine_comes_first():
    base, new = session(1), session(2)
    new.machine.update(fingerprint="other", gpus=[{"name": "GPU 1", "driver": "550"}])
    new.provenance["python"] = "3.12"
    assert said(base, new) == [
        "machine fingerprint: 8c0ffee8 -> other",
        "machine gpus: none -> GPU 1",
        "gpu drivers: none -> 550",
        "python: 3.11.2 -> 3.12",
    ]


def test_another_suite_under_the_same_name_is_told_by_its_keys():
    new = session(2)
    new.suite["resolved"] = {**new.suite["resolved"], "quick": True}
    assert said(session(1), new) == ["suite addition: one -> another, in quick"]


def test_another_kernel_is_told_with_its_cases():
    new = session(2)
    for case in new.cases[:5]:
        case["kernel"]["name"] = "fused"
    assert said(session(1), new) == ["kernel of dense, upper_triangular, block_diagonal(4) and 2 more: eager -> fused"]


def test_what_documents_say_cannot_steer_the_terminal():
    new = session(2)
    new.provenance["packages"] = {"\x1b[2Jtorch": "\x1b[31m"}
    assert not any("\x1b" in line for line in said(session(1), new))


def test_sections_of_another_form_do_no_harm():
    new = session(2)
    new.data["machine"] = {"fingerprint": "8c0ffee8", "cpu": 3, "gpus": "none"}
    new.data["provenance"] = {"packages": [], "git": "x"}
    assert "python: 3.11.2 -> none" in said(session(1), new)

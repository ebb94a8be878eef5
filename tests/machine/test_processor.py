"""The processor's name and caches, from files as Linux writes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rnnbench.machine.driver import nvidia_driver
from rnnbench.machine.processor import caches, last_level_cache, processor_design, processor_model

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's files")


@linux
def test_x86_says_its_name(tmp_path: Path):
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nmodel\t\t: 167\nmodel name\t: Some(R)  CPU @ 2.20GHz\n\nprocessor\t: 1\n")
    assert processor_model(file) == "Some(R) CPU @ 2.20GHz"


@pytest.mark.parametrize(
    ("flags", "vectors"),
    [("sse2 avx avx2", ", AVX2"), ("avx avx2 avx512f", ", AVX-512"), ("avx512f amx_tile avx2", ", AMX"), ("sse2", "")],
)
def test_processors_of_one_name_are_told_apart_by_generation_and_vectors(tmp_path: Path, flags: str, vectors: str):
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nflags\t\t: {flags}\n")
    assert processor_design(file) == f"family 25, model 17{vectors}"


def test_where_the_system_says_no_design_there_is_none(tmp_path: Path):
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n")
    assert (processor_design(file), processor_design(tmp_path / "absent")) == (None, None)


@linux
def test_arm_says_a_part(tmp_path: Path):
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n")
    assert processor_model(file).endswith("implementer 0x41 part 0xd40")


def test_a_missing_file_still_gives_some_name(tmp_path: Path):
    assert processor_model(tmp_path / "absent")


@linux
def test_caches_are_in_bytes(tmp_path: Path):
    for index, (level, kind, size) in enumerate(
        [("1", "Data", "48K"), ("1", "Instruction", "64K"), ("2", "Unified", "2M"), ("3", "Unified", "unknown")]
    ):
        folder = tmp_path / f"index{index}"
        folder.mkdir()
        for name, text in (("level", level), ("type", kind), ("size", size)):
            (folder / name).write_text(text + "\n")
    assert caches(tmp_path) == {"L1d": 48 << 10, "L1i": 64 << 10, "L2": 2 << 20}


def test_the_last_cache_is_counted_once_for_each_group_of_cores_that_shares_it(tmp_path: Path):
    for core, shared in enumerate(("0-1", "0-1", "2-3", "2-3")):
        for level, kind, size, sharers in (
            (1, "Data", "48K", str(core)),
            (3, "Instruction", "99M", "0-3"),
            (2, "Unified", "1M", str(core)),
            (3, "Unified", "32M", shared),
        ):
            folder = tmp_path / f"cpu{core}" / "cache" / f"index{level}{kind[0]}"
            folder.mkdir(parents=True)
            for name, text in (("level", level), ("type", kind), ("size", size), ("shared_cpu_list", sharers)):
                (folder / name).write_text(f"{text}\n")
    assert last_level_cache(tmp_path) == 64 << 20


def test_a_system_without_such_files_still_says_what_it_knows(tmp_path: Path):
    known = max((size for name, size in caches().items() if name != "L1i"), default=None)
    assert last_level_cache(tmp_path) == known


def test_the_driver_says_its_version(tmp_path: Path):
    file = tmp_path / "version"
    file.write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build  (dvs-builder)\n"
        "GCC version:  gcc version 12.2.0\n"
    )
    assert nvidia_driver(file) == "550.54.15"
    file.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\n")
    assert nvidia_driver(file) == "535.129.03"
    assert nvidia_driver(tmp_path / "absent") is None

"""The processor's name and caches, asked of each operating system in its own way."""

from __future__ import annotations

import contextlib
import platform
import subprocess
import sys
from pathlib import Path

_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_VECTORS = {"amx_tile": "AMX", "avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX"}
"""The widest vectors, by the kernel's flags, the widest first."""
_SYSCTL_CACHES = {"L1d": "hw.l1dcachesize", "L1i": "hw.l1icachesize", "L2": "hw.l2cachesize", "L3": "hw.l3cachesize"}


def processor_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's marketing name, or the architecture where the system knows no name."""
    if sys.platform == "darwin":
        name = _sysctl("machdep.cpu.brand_string")
    elif sys.platform == "win32":
        name = _windows_name()
    else:
        name = _linux_name(cpuinfo)
    return " ".join((name or platform.processor() or platform.machine()).split())


def processor_design(cpuinfo: Path = Path("/proc/cpuinfo")) -> str | None:
    """Return ``family 25, model 17, AVX2``, which tells apart processors of one name; None where nothing is said.

    Hosts of virtual machines sell several generations under one name (``AMD EPYC``), with and without wide vectors.
    """
    said = _first_processor(cpuinfo)
    if "cpu family" not in said or "model" not in said:
        return None
    flags = set(said.get("flags", "").split())
    vectors = next((name for flag, name in _VECTORS.items() if flag in flags), None)
    return ", ".join([f"family {said['cpu family']}", f"model {said['model']}", *([vectors] if vectors else [])])


def caches(folder: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> dict[str, int]:
    """Return the bytes of each cache that processor 0 uses (``L1d``, ``L1i``, ``L2``, ``L3``); empty if unknown."""
    if sys.platform == "darwin":
        sizes = {name: _sysctl(key) for name, key in _SYSCTL_CACHES.items()}
        return {name: int(size) for name, size in sizes.items() if size and int(size) > 0}
    found = {}
    for index in sorted(folder.glob("index*")):
        with contextlib.suppress(OSError, KeyError, ValueError, IndexError):
            level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
            suffix = {"Data": "d", "Instruction": "i", "Unified": ""}[kind]
            found[f"L{level}{suffix}"] = _bytes(size)
    return found


def last_level_cache(folder: Path = Path("/sys/devices/system/cpu")) -> int | None:
    """Return the bytes of the largest cache, all its parts together; None if unknown.

    Cores share it in groups on many processors: a copy by all of them fills each group's part. Where the system does
    not say who shares it, one part is all that is known of.
    """
    parts: dict[int, dict[str, int]] = {}
    for index in folder.glob("cpu[0-9]*/cache/index*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            level, kind, size, shared = (
                (index / name).read_text().strip() for name in ("level", "type", "size", "shared_cpu_list")
            )
            if kind != "Instruction":
                parts.setdefault(int(level), {})[shared] = _bytes(size)
    if parts:
        return sum(parts[max(parts)].values())
    return max((size for name, size in caches().items() if name != "L1i"), default=None)


def _bytes(size: str) -> int:
    """Return the bytes that ``32K`` stands for."""
    return int(size[:-1]) * _UNITS[size[-1]] if size[-1] in _UNITS else int(size)


def _linux_name(cpuinfo: Path) -> str | None:
    """Return the first ``model name`` of /proc/cpuinfo; on ARM its implementer and part stand for a name."""
    said = _first_processor(cpuinfo)
    if said.get("model name"):
        return said["model name"]
    if "CPU part" in said:
        return f"{platform.machine()} implementer {said.get('CPU implementer', '?')} part {said['CPU part']}"
    return None


def _first_processor(cpuinfo: Path) -> dict[str, str]:
    """Return what /proc/cpuinfo says of its first processor; nothing where it cannot be read."""
    try:
        lines = cpuinfo.read_text(errors="replace").splitlines()
    except OSError:
        return {}
    said: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(":")
        said.setdefault(key.strip(), value.strip())
    return said


def _sysctl(key: str) -> str | None:
    """Return a value of macOS's sysctl, or None if it has none."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(["/usr/sbin/sysctl", "-n", key], capture_output=True, text=True, timeout=5, check=True)
        return answer.stdout.strip() or None
    return None


def _windows_name() -> str | None:
    """Return the name that the registry keeps."""
    if sys.platform == "win32":
        import winreg

        path = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0])
    return None

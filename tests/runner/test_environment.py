"""What a worker's allocator does with freed buffers."""

import platform
import subprocess
import sys

import pytest

from rnnbench.runner.environment import worker_environment

FREED = """
import ctypes
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
buffer = libc.malloc(80 << 20)
ctypes.memset(buffer, 1, 80 << 20)
libc.free(buffer)
print(int(open("/proc/self/statm").read().split()[1]) * 4096 >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the variables are glibc's")
@pytest.mark.parametrize(
    ("measurement", "keeps"),
    [("memory", False), ("throughput", True), ("training", True), ("calibration", True), ("max_length", True)],
)
def test_freed_buffers_are_kept_where_speed_is_measured_and_given_back_where_memory_is(measurement, keeps):
    environment = worker_environment(measurement, threads=1)
    done = subprocess.run([sys.executable, "-c", FREED], check=True, capture_output=True, text=True, env=environment)
    resident_megabytes = int(done.stdout)
    assert (resident_megabytes > 80) == keeps

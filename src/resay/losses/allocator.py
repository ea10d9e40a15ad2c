"""An opt-in setting of the C allocator that makes large tensors on a CPU cheaper."""

import ctypes
import sys

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
LARGEST = 2**31 - 1


def tune_cpu_allocator() -> bool:
    """Make the process keep the memory of large tensors it frees, and use it again.

    By default glibc gives every block above 32 MB back to the system when it is freed, so that each new tensor
    of that size costs a page fault for every 4 KB, often more than the arithmetic on it. Plain dense losses
    gain most; the fused doors use their matrices again anyway. The price is that the process does not shrink.

    It holds for the whole process from the call on: call it once at the start of a program; a library should
    leave the choice to its caller.

    Returns:
        Whether it took effect; false where the C library is not glibc.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST) == 1 and mallopt(M_TRIM_THRESHOLD, LARGEST) == 1)

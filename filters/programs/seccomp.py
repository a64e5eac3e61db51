"""A system call filter for programs that need none of the machine: threads, but no further process.

Limits hold per process, so a program of one process is what makes a memory limit a limit. The filter also takes
away what holds memory outside every limit (System V segments, memfd) and what has been a way into kernels.
It is classic BPF as seccomp(2) describes: one read of the call's number, then a chain of comparisons.
"""

import errno
import platform
import struct

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little-endian
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000  # the numbers of x86's second set of calls begin here

# AUDIT_ARCH_*, then the numbers of calls; those from 424 on are the same on every machine.
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_REFUSED = {
    "fork": (57, None),
    "vfork": (58, None),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_by_handle_at": (304, 265),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}


def one_process(machine: str = "") -> bytes:
    """The filter for a machine, by default this one; ValueError where there is none."""
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        raise ValueError(f"there are system call filters for {', '.join(_MACHINES)}, not for {machine!r}")
    column = list(_MACHINES).index(machine)
    refused = [numbers[column] for numbers in _REFUSED.values()]
    return b"".join(
        [
            _step(_LOAD, _MACHINE),
            *_when(_EQUAL, _MACHINES[machine], otherwise=_KILL),
            _step(_LOAD, _NUMBER),
            *_when(_AT_LEAST, _X32, then=_REFUSE | errno.ENOSYS),
            *(step for number in refused if number is not None for step in _refuse(number, errno.EPERM)),
            *_refuse(_CLONE3, errno.ENOSYS),  # its flags lie in memory; the C library then takes clone
            _step(_EQUAL, _CLONE[machine], yes=1),
            _step(_RETURN, _ALLOW),
            _step(_LOAD, _FIRST_ARGUMENT),
            *_when(_ANY_BIT, _CLONE_THREAD, otherwise=_REFUSE | errno.EPERM),
            _step(_RETURN, _ALLOW),
        ]
    )


def _refuse(number: int, error: int) -> list[bytes]:
    return _when(_EQUAL, number, then=_REFUSE | error)


def _when(test: int, value: int, *, then: int | None = None, otherwise: int | None = None) -> list[bytes]:
    """Return `then` if the test holds, or `otherwise` if it does not; without one, go on."""
    if then is not None:
        return [_step(test, value, no=1), _step(_RETURN, then)]
    return [_step(test, value, yes=1), _step(_RETURN, otherwise or 0)]


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; `yes` and `no` are how many to skip."""
    return struct.pack("=HBBI", code, yes, no, value)

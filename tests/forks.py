"""Processes that are forked from one that has imported everything, `fork_server`.

A fork is asked for over a socket, and belongs to whoever has asked: signals go
to it and its exit status comes back that way, and it is killed when this end is
closed. Run as a program, this stands in for `python`. A bare one runs it, so
that nothing of ours is imported here.
"""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

#: What can be called in place of `python -c`: a fork does what it is told.
STAND_IN = (sys.executable, "-IS", __file__)

#: Where to ask for a fork.
_ADDRESS = "TESTS_FORK_SERVER"

#: How numbers travel: the length of what is asked for, a process's id, its exit status.
NUMBER = struct.Struct("!i")


class Forked:
    """A process that runs `code` much as `python -c` would. Implements `local.process.Process`.

    Where it ends well, what is registered with `atexit` is left out.
    """

    def __init__(self, code: str, env: Mapping[str, str], files: tuple[int, int, int]) -> None:
        self._status: int | None = None
        self._asked = socket.socket(socket.AF_UNIX)
        told = json.dumps({"code": code, "env": dict(env), "cwd": str(Path.cwd())}).encode()
        try:
            self._asked.connect(os.environ[_ADDRESS])
            socket.send_fds(self._asked, [NUMBER.pack(len(told))], files)
            self._asked.sendall(told)
            self.pid = self._hear()
        except BaseException:
            self._asked.close()
            raise

    def poll(self) -> int | None:
        return self._status_within(0)

    def wait(self, timeout: float | None = None) -> int:
        if (status := self._status_within(timeout)) is None:
            raise subprocess.TimeoutExpired("a fork", timeout or 0)
        return status

    def send_signal(self, number: int, /) -> None:
        if self.poll() is None:
            with suppress(ConnectionError):  # it has just ended
                self._asked.sendall(bytes([number]))

    def _status_within(self, seconds: float | None) -> int | None:
        if self._status is None and select.select([self._asked], [], [], seconds)[0]:
            self._status = self._hear()
            self._asked.close()
        return self._status

    def _hear(self) -> int:
        heard = self._asked.recv(NUMBER.size, socket.MSG_WAITALL)
        if not heard:
            raise ConnectionError("The fork server gave no answer.")
        number: int = NUMBER.unpack(heard)[0]
        return number


@contextmanager
def running(*tests: str) -> Iterator[None]:
    """See to it that forks can be asked for, also by the processes that are started meanwhile.

    Forks have imported what bots need, and these `tests`, as far as they can be
    imported: what is wrong with them, pytest says. Where forks can be asked for
    already, nothing is done.
    """
    if _ADDRESS in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        address = str(Path(folder) / "socket")
        listener.bind(address)
        listener.listen(128)
        program = Path(__file__).with_name("fork_server.py")
        command = [sys.executable, program, str(listener.fileno()), *tests]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # its end ends it
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        ) as process:
            listener.close()  # if it ends, nobody waits for an answer
            os.environ[_ADDRESS] = address
            try:
                yield
            finally:
                del os.environ[_ADDRESS]
                assert process.stdin
                process.stdin.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what it stands in for gets it, too
    try:
        fork = Forked(sys.argv[-1], os.environ, (0, 1, 2))
        for file in (0, 1):  # whoever reads from there waits for the fork's end alone
            os.close(file)
        sys.exit(fork.wait())
    except OSError as error:
        sys.exit(f"{Path(__file__).name}: {error}")

"""A process that has imported everything, and forks: `python fork_server.py NUMBER [TEST…]`.

Ten processes run the tests, and start some eighty bots. What each would import
is the same, and takes it longer than most tests do. The fork server of
`multiprocessing` serves one process; this one serves all. It listens on the
socket of that number, as long as whoever started it holds its standard input.

Nothing may start a thread while it is imported, as forks would be without it.
"""

import gc
import json
import os
import selectors
import signal
import socket
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).parent.parent))

from forks import NUMBER

from local.process import die_with_parent


def prepare(tests: list[str]) -> None:
    """Import these, as far as they can be imported, and stay a process that can be forked."""
    import bots
    import pytest

    bots.prepare()
    if tests:
        pytest.main(["--collect-only", "--quiet", "-p", "no:cacheprovider", *tests])
        sys.stdout.flush()  # or each fork would do it
    gc.freeze()  # no collection goes through all of this again, in any fork
    # Also those that Python does not know of, where the system tells.
    known = Path("/proc/self/task")
    if (len(list(known.iterdir())) if known.exists() else threading.active_count()) > 1:
        sys.exit("Something that the tests import starts a thread: import it where it is used.")


class Server:
    """Forks when asked, until whoever started it is gone."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._running: dict[int, socket.socket] = {}
        self._selector = selectors.PollSelector()  # which has no file of its own
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for file in (sys.stdin, self._listener, self._woken):
            self._selector.register(file, selectors.EVENT_READ)

    def serve(self) -> str:
        """Returns in forks only: the code that one is to run."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    for pid in self._running:
                        os.kill(pid, signal.SIGKILL)
                    os._exit(0)
                elif key.fileobj is self._listener:
                    if (code := self._fork()) is not None:
                        return code
                elif key.fileobj is self._woken:
                    self._woken.recv(4096)
                    self._bury()
                elif key.data in self._running:
                    self._signal(key.data)

    def _fork(self) -> str | None:
        asked, _ = self._listener.accept()
        files: list[int] = []
        try:
            size, files, _, _ = socket.recv_fds(asked, NUMBER.size, 3)
            with asked.makefile("rb") as file:
                told = json.loads(file.read(*NUMBER.unpack(size)))
            pid = os.fork()
        except (OSError, ValueError, struct.error):  # whoever asked has died, or there is no room
            asked.close()
            pid = None
        if pid == 0:
            self._leave(asked)
            return _become(files, **told)
        for number in files:
            os.close(number)
        if pid:
            self._running[pid] = asked
            self._selector.register(asked, selectors.EVENT_READ, pid)
            with suppress(OSError):  # told when its socket is read
                asked.sendall(NUMBER.pack(pid))
        return None

    def _leave(self, asked: socket.socket) -> None:
        """Let go, in a fork, of what is the server's."""
        if sys.platform == "linux":
            die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for mine in (self._listener, self._woken, self._waker, asked, *self._running.values()):
            mine.close()

    def _signal(self, pid: int) -> None:
        try:
            heard = self._running[pid].recv(1)
        except ConnectionError:
            heard = b""
        if not heard:
            self._selector.unregister(self._running[pid])
        os.kill(pid, heard[0] if heard else signal.SIGKILL)

    def _bury(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self._running.pop(pid) as asked:
                with suppress(KeyError):  # the other end is closed already
                    self._selector.unregister(asked)
                with suppress(OSError):
                    asked.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _become(files: list[int], code: str, env: dict[str, str], cwd: str) -> str:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    return code


def run(code: str) -> NoReturn:
    """What `python -c` does, as far as `Forked` says. What nobody catches, Python tells."""
    sys.argv = ["-c"]
    status = 0
    try:
        exec(code, {"__name__": "__main__"})
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        status = end.code or 0
    threading._shutdown()  # as `multiprocessing` ends its own
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # what was imported would be taken to pieces first


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us gets it, too
    prepare(sys.argv[2:])
    run(Server(socket.socket(fileno=int(sys.argv[1]))).serve())

"""A line between two network namespaces, as slow, long and lossy as is asked for.

The kernels of many machines lack netem, so bench/line.c carries the packets. The namespaces have
no name: they end with the last process in them, however the bench ends.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.process import Child, child

SOURCE = Path(__file__).parent / "line.c"
TUN = Path("/dev/net/tun")
TOOLS = ("gcc", "ip", "nsenter", "sysctl", "unshare")
NEAR = "192.0.2.1"
#: Where the server is, by two addresses (RFC 5737 keeps them for such as this).
FAR = ("192.0.2.2", "192.0.2.3")
#: What most computers send with. A machine's own may be BBR, which hardly minds a loss.
CONGESTION = "cubic"
ALLOWED, AVAILABLE = (
    Path(f"/proc/sys/net/ipv4/tcp_{which}_congestion_control") for which in ("allowed", "available")
)


@dataclass(frozen=True)
class Line:
    """What a line is like, both ways; packets are lost on the way up only."""

    name: str
    megabits: int  # a second
    round_trip: int  # ms
    loss: float  # percent

    def __str__(self) -> str:
        lost = f"{self.loss} % lost" if self.loss else "none lost"
        return f"{self.name}: {self.megabits} Mbit/s, {self.round_trip} ms, {lost}"


def missing() -> str:
    """Why this machine cannot have a line; empty if it can."""
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.name != "posix" or os.geteuid() != 0:
        return "needs root"
    if tools:
        return f"needs {', '.join(tools)}"
    if not TUN.exists():
        return f"needs {TUN}"
    if CONGESTION not in AVAILABLE.read_text().split():
        return f"needs TCP {CONGESTION}"
    tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True)
    return "needs the right to make namespaces" if tried.returncode else ""


def built(folder: Path) -> Path:
    """bench/line.c, compiled into the folder."""
    program = folder / "line"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", program, SOURCE], check=True)
    return program


@dataclass(frozen=True)
class Ends:
    """Two namespaces that a line may join."""

    near: int  # the pid of a process in each
    far: int
    folder: Path
    program: Path

    @staticmethod
    def entering(end: int, *command: str) -> list[str]:
        """The command, run at that end."""
        return ["nsenter", f"--net={_net(end)}", *command]

    @contextmanager
    def joined(self, line: Line, seed: int) -> Iterator[Child]:
        """The line, new, with nothing remembered of an earlier one."""
        for end in (self.near, self.far):
            # How a window grew and shrank before is kept for a host, and would be begun with.
            _do(end, "ip tcp_metrics flush all")
        delay, loss = line.round_trip * 1000 // 2, round(line.loss * 10_000)
        numbers = (line.megabits * 1_000_000, delay, loss, seed)
        command = [str(self.program), _net(self.near), _net(self.far), *map(str, numbers)]
        with child("the line", command, env={}, log=self.folder / "line.log") as running:
            running.wait_for("^up$", seconds=10)
            yield running


@contextmanager
def ends(folder: Path, program: Path) -> Iterator[Ends]:
    """Make both namespaces and their devices; `program` is what joins them."""
    with ExitStack() as stack:
        near, far = (
            stack.enter_context(_namespace(name, folder / f"{name}.log"))
            for name in ("near", "far")
        )
        for end, addresses in ((near, [NEAR]), (far, FAR)):
            _do(end, "ip link set lo up", "ip tuntap add dev line mode tun")
            # The queue is the line's own, so that the line alone drops what is too much.
            _do(end, "ip link set line up txqueuelen 10000")
            _do(end, *(f"ip address add {address}/24 dev line" for address in addresses))
        with _allowed():
            for end in (near, far):
                _do(end, f"sysctl -q -w net.ipv4.tcp_congestion_control={CONGESTION}")
        yield Ends(near, far, folder, program)


@contextmanager
def _namespace(name: str, log: Path) -> Iterator[int]:
    """A process alone with a network of its own."""
    said = "echo here; exec sleep infinity"
    with child(name, ["unshare", "--net", "sh", "-c", said], env={}, log=log) as holder:
        holder.wait_for("^here$", seconds=10)
        yield holder.pid


@contextmanager
def _allowed() -> Iterator[None]:
    """Let namespaces choose their congestion control, which the machine decides for all of them."""
    before = ALLOWED.read_text()
    if CONGESTION in before.split():
        yield
        return
    ALLOWED.write_text(f"{before.strip()} {CONGESTION}")
    try:
        yield
    finally:
        ALLOWED.write_text(before)


def _net(end: int) -> str:
    return f"/proc/{end}/ns/net"


def _do(end: int, *commands: str) -> None:
    for command in commands:
        subprocess.run(Ends.entering(end, *command.split()), check=True)

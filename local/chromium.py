"""A Chromium for the tests and the bench: found, or fetched where that is possible."""

import os
import shutil
import subprocess
import sys

#: A headless browser that talks to nobody but the pages it is given. The
#: sandbox needs privileges that containers and root lack.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: The headless shell is the same engine without the desktop around it, and takes half the work.
_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def find() -> str | None:
    """The path of a Chromium on this machine; None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def path() -> str:
    """The path of a Chromium. Raises `FileNotFoundError` with what to do."""
    found = find()
    if found is None:
        raise FileNotFoundError(
            "The tests need a Chromium, and there is none on the PATH:"
            " install your system's package (Debian: apt-get install chromium)."
        )
    return found


def fetch() -> None:
    """Install Debian's package where apt is and we may. Otherwise leave things as they are."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("no Chromium here: installing Debian's package", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "--quiet=2", "update"], check=True, env=quiet)
        install = ["apt-get", "--quiet=2", "install", "--yes", "--no-install-recommends"]
        if subprocess.run([*install, _NAMES[0]], env=quiet).returncode:  # not in older releases
            subprocess.run([*install, _NAMES[1]], check=True, env=quiet)


if __name__ == "__main__":
    if find() is None:
        fetch()
    try:
        path()
    except FileNotFoundError as missing:
        sys.exit(str(missing))

"""`python -m bench [page] [upload] [large] [whole] [lines] [link] [follow-up] [signing] [start] [recovery]`: measure, print, exit 1 on a missed goal."""

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys

from bench import (
    follow_up,
    large,
    lines,
    link,
    page,
    recovery,
    report,
    signing,
    start,
    upload,
    whole,
)
from local import chromium

FIGURES = {
    "page": (page.measure, "Page, slow 4G and a CPU four times slower"),
    "upload": (upload.measure, "Upload of 1 GiB over loopback"),
    "large": (large.measure, "Large files in parts over loopback"),
    "whole": (whole.measure, "6 GiB from a browser into S3 and out again"),
    "lines": (lines.measure, "128 MiB over lines as people have them"),
    "link": (link.measure, "From /upload-link to the link"),
    "follow-up": (follow_up.measure, "From S3's event to the follow-up"),
    "signing": (signing.measure, "Keeping links signed"),
    "recovery": (recovery.measure, "Answering again after sockets broke"),
    "start": (start.measure, "A bot's start and its memory"),
}


def machine() -> str:
    """What all of it ran on."""
    browser = subprocess.run(
        [chromium.path(), "--version"], capture_output=True, text=True, check=True
    ).stdout.split()
    bolt = importlib.metadata.version("slack-bolt")
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {' '.join(browser[:2])}, Bolt {bolt}, "
        # Ratios bear a busy machine badly, too: whoever reads them should see that it was.
        f"load {os.getloadavg()[0]:.1f} before"
    )


def main() -> int:
    """Measure the figures named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figure", help=", ".join(FIGURES))
    asked = parser.parse_args().figures or list(FIGURES)
    if unknown := set(asked) - set(FIGURES):
        parser.error(f"no figure is named {', '.join(sorted(unknown))}; there are {list(FIGURES)}")
    print(machine())
    missed = 0
    for name in asked:
        measure, title = FIGURES[name]
        rows = measure()
        print("\n" + report.table(title, rows), flush=True)
        missed += sum(row.missed for row in rows)
    print(f"\nMissed goals: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

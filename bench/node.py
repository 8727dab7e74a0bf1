"""The bench's own node packages: what the page is measured against, and Lighthouse."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent
PACKAGES = ROOT / "node_modules"
BIN = Path(sys.executable).parent  # node and npm come with the environment that runs us


def install() -> None:
    """Fetch the packages of bench/package-lock.json, once per lock file."""
    lock, installed = ROOT / "package-lock.json", PACKAGES / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    subprocess.run([BIN / "npm", "ci", *quiet], check=True, cwd=ROOT)


def run(script: str, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """What a package's script prints. Raises CalledProcessError when it fails."""
    command = [str(BIN / "node"), str(PACKAGES / script), *arguments]
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env
    ).stdout


def bundle(script: Path, folder: Path, *options: str) -> None:
    """A script with all that it imports, and their styles, minified into the folder."""
    run(
        "esbuild/bin/esbuild",
        *(str(script), f"--outdir={folder}", *options),
        *("--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"),
    )

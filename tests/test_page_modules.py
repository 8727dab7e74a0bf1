"""What the upload page's modules promise each by itself, without a browser: `tests/page`, in Node."""

import subprocess
import sys
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parent / "page").glob("*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.js"))
def test_module(file: Path) -> None:
    """Node says of each promise whether it holds."""
    node = Path(sys.executable).with_name("node")  # it comes with the environment that runs us
    done = subprocess.run([node, "--test", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

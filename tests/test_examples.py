"""The examples in docstrings say what is true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for room in ("cloud", "handlers", "uploads")
    for path in (ROOT / room).rglob("*.py")
    if ">>> " in path.read_text()
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_hold(module: str) -> None:
    """Not by pytest's own collection, which would rewrite every module for each worker."""
    tried = doctest.testmod(import_module(module))
    assert tried.attempted
    assert not tried.failed

"""What the documents tell people to type is there to be typed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    "name", ["README.md", "ARCHITECTURE.md", ".env.example", ".ci/run", *DOCUMENTS]
)
def test_every_make_target_exists(name: str) -> None:
    """In fences, in prose and in CI."""
    text = (ROOT / name).read_text()
    for line in re.findall(r"(?:^|`|exec )make((?: [a-z]+)+)", text, re.MULTILINE):
        assert set(line.split()) <= TARGETS, line


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", *DOCUMENTS])
def test_every_link_leads_somewhere(name: str) -> None:
    """Files and pictures that are referred to exist."""
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text()):
        there = (ROOT / name).parent / target
        assert target.startswith("https://") or there.exists(), target


def test_what_is_said_to_be_shown_is_tested() -> None:
    """Each test that the threat model names is there."""
    named = re.findall(r"`(\w+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text())
    assert len(named) > 20
    for file, test in named:
        assert f"\ndef {test}(" in (ROOT / "tests" / file).read_text(), f"{file}::{test}"


def test_every_target_explains_itself() -> None:
    """`make` alone lists them all."""
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    for target in phony[1].split():
        assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_room_is_on_the_plan() -> None:
    """`ARCHITECTURE.md` names each module of the product and each top-level folder."""
    plan = (ROOT / "ARCHITECTURE.md").read_text()
    modules = [*(ROOT / "handlers").glob("*.py"), *(ROOT / "uploads").glob("*.py")]
    for module in modules:
        assert module.stem == "__init__" or f"`{module.stem}`" in plan, module

"""ES modules joined into one script, as far as plain text allows: strict in what it accepts."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"\./([\w.-]+\.js)";\n?', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function\b|const\b|class\b)", re.MULTILINE)
_DECLARED = re.compile(
    r"^(export )?(?:(?:async )?function\*? ?|const |let |var |class )(\w+|[\[{][^=]*)",
    re.MULTILINE,
)
_LATER = re.compile(r'\bimport\("\./([\w.-]+\.js)"\)')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class PageError(Exception):
    """The page cannot be put together. The text names the file and what to change."""


class _Module:
    """One module: what it takes from others, what it gives, and its code without either word."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        source = without_comments(path.read_text(), lines=True)
        self._refuse_strange(source)
        self.imports = {
            from_: [name.strip() for name in names.split(",") if name.strip()]
            for names, from_ in _IMPORT.findall(source)
        }
        declared = [
            (export, re.findall(r"\w+", names)) for export, names in _DECLARED.findall(source)
        ]
        self.later = set(_LATER.findall(_COMMENT.sub("", source)))
        self.names = {name for _, names in declared for name in names}
        self.exports = {name for export, names in declared if export for name in names}
        self.code = _EXPORT.sub("", _IMPORT.sub("", source))

    def _refuse_strange(self, source: str) -> None:
        code = _COMMENT.sub("", source)
        rest = _LATER.sub("", _EXPORT.sub("", _IMPORT.sub("", code)))
        for form, why in (
            (r"^import\b", "imports must name what they take from a file beside it"),
            (r"\bimport\s*\(", "what is imported later must be named, as a file beside it"),
            (r"\bimport\.meta\b", "the page has no modules any more once it is published"),
            (r"^export\b", "export a function, const or class where it is declared"),
            (r"^(?:const|let|var) [\[{][^=]*:", "take a part under its own name at the top level"),
        ):
            if found := re.search(form, rest, re.MULTILINE):
                raise PageError(f"{self.name}: {found[0]!r}: {why}.")
        if any(" as " in names for names, _ in _IMPORT.findall(code)):
            raise PageError(f"{self.name}: import names as they are, without 'as'.")


@dataclass(frozen=True, slots=True)
class Script:
    """Modules as one: their code, what the root of them gives, and which files it imports later."""

    code: str
    exports: list[str]
    later: list[str]


def join(folder: Path, root: str) -> Script:
    """The module `root` and all that it needs as one script, each after what it takes from.

    Raises `PageError` for a form that text alone cannot join, a missing file or
    export, a circle of imports, or a name that two modules declare.
    """
    modules: dict[str, _Module] = {}
    _collect(folder, root, (), modules)
    for module in modules.values():
        for source, names in module.imports.items():
            if missing := sorted(set(names) - modules[source].exports):
                raise PageError(f"{module.name}: {source} does not export {', '.join(missing)}.")
    counts = Counter(name for module in modules.values() for name in module.names)
    if twice := sorted(name for name, count in counts.items() if count > 1):
        raise PageError(f"Two modules declare {', '.join(twice)}; the page has one scope.")
    return Script(
        without_indentation("".join(module.code for module in modules.values())),
        sorted(modules[root].exports),
        sorted({name for module in modules.values() for name in module.later}),
    )


def _collect(
    folder: Path, name: str, importers: tuple[str, ...], modules: dict[str, _Module]
) -> None:
    if name in importers:
        raise PageError(f"A circle of imports: {' → '.join((*importers, name))}.")
    if name in modules:
        return
    if not (folder / name).is_file():
        raise PageError(f"{importers[-1] if importers else 'index.html'}: there is no {name}.")
    module = _Module(folder / name)
    for source in module.imports:
        _collect(folder, source, (*importers, name), modules)
    modules[name] = module


def without_comments(source: str, *, lines: bool = False) -> str:
    """The source without empty lines and without comments that begin a line.

    `lines` drops `//` comments too. Nothing within a line is touched, and no
    text may span lines, so no string, template or expression can be changed.
    """
    kept: list[str] = []
    within = False
    for line in source.splitlines():
        code = line.rstrip()
        if within or code.lstrip().startswith("/*"):
            _, end, code = code.partition("*/")
            within = not end
        if not code.strip() or (lines and code.lstrip().startswith("//")):
            continue
        if code.endswith("\\") or (lines and code.count("`") % 2):
            raise PageError(f"A text must not span lines: {code}")
        kept.append(code + "\n")
    return "".join(kept)


def without_indentation(source: str) -> str:
    """The source with every line at the margin; safe where no text spans lines."""
    return re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE)

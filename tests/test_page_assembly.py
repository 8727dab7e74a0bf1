"""The folder page/ becomes one file that works, or an error that says why not."""

import base64
import hashlib
import re
from pathlib import Path

import brotli
import pytest

from cloud.modules import PageError, join
from cloud.page import BUDGET, PAGE, Asset, assemble

PREFIX = "https://bucket.s3.eu-central-1.amazonaws.com/uploads/"

INDEX = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <!-- not for the uploader -->
  <meta name="upload-prefix" content="">
  <link rel="icon" href="icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="style.css">
</head>
<body><script type="module" src="main.js"></script></body>
</html>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page as small as one can be."""
    files = {
        "index.html": INDEX,
        "style.css": "/* calm */\nmain { color: red; }\n",
        "icon.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
        "main.js": 'import { a } from "./a.js";\n\na("//");\n',
        "a.js": "/** Says it. */\nexport function a(text) {\n  // why\n  return text;\n}\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def page(assets: list[Asset]) -> str:
    """The HTML that is published."""
    return brotli.decompress(assets[0].body).decode()


def test_all_in_one(folder: Path) -> None:
    """The page asks for nothing but itself, and says no word that only we read."""
    text = page(assemble(folder, upload_prefix=PREFIX))
    assert "<style>main{color:red}</style>" in text
    assert re.search(r'function (\w)\((\w)\)\{return \2\}\1\("//"\)\}\)\(\)</script>', text)
    assert re.findall(r'(?:src|href)="(\w+)', text) == ["data"]
    assert not re.search(r"calm|Says it|why|not for the uploader|import|export", text)


def test_only_what_is_published_runs(folder: Path) -> None:
    """A browser that obeys the page's own policy runs its script and style, and no other."""
    text = page(assemble(folder, upload_prefix=PREFIX))
    head = text.index("<head>") + len("<head>\n")
    assert text[head:].startswith('<meta http-equiv="Content-Security-Policy" content="script-src')
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        inline = re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", text, re.DOTALL)
        assert inline
        digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in text


def test_where_it_may_send(folder: Path) -> None:
    """The prefix stands in the page as text, whatever is in it."""
    text = page(assemble(folder, upload_prefix='https://x/"><script>'))
    assert 'content="https://x/&quot;&gt;&lt;script&gt;"' in text


def test_the_same_page_is_the_same_bytes(folder: Path) -> None:
    """Nothing is published again that has not changed."""
    first = assemble(folder, upload_prefix=PREFIX)
    assert first == assemble(folder, upload_prefix=PREFIX)
    assert [(asset.key, asset.cache_control, asset.content_type) for asset in first] == [
        ("index.html", "no-cache", "text/html; charset=utf-8"),
    ]


def test_what_cannot_be_made_small(folder: Path) -> None:
    """Code that no browser would run is not published."""
    (folder / "main.js").write_text("const a = ;\n")
    with pytest.raises(PageError, match="text/javascript"):
        assemble(folder, upload_prefix=PREFIX)


def test_an_icon_that_any_address_can_hold(folder: Path) -> None:
    """Quotes and hashes of a drawing do not end the address that it stands in."""
    (folder / "icon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" fill="#abc"/>')
    text = page(assemble(folder, upload_prefix=PREFIX))
    drawn = re.search(r'href="data:image/svg\+xml,([^"]*)"', text)
    assert drawn
    assert "%23abc" in drawn[1]
    assert "#" not in drawn[1]


def test_each_after_what_it_needs(folder: Path) -> None:
    """A module that two others need is there once, before both."""
    (folder / "a.js").write_text('import { c } from "./c.js";\nexport const a = c + "a";\n')
    (folder / "b.js").write_text(
        'import {\n  c,\n  d,\n} from "./c.js";\nexport class b {\n  d = d;\n}\n'
    )
    (folder / "c.js").write_text('export const c = "c";\nexport async function d() {}\n')
    (folder / "main.js").write_text(
        'import { a } from "./a.js";\nimport { b } from "./b.js";\nconst { x, y } = new b(a);\n'
    )
    assert join(folder, "main.js").code == (
        'const c = "c";\nasync function d() {}\nconst a = c + "a";\n'
        "class b {\nd = d;\n}\nconst { x, y } = new b(a);\n"
    )


@pytest.mark.parametrize(
    ("module", "complaint"),
    [
        ("export default function () {}\n", "a.js: 'export': export a function"),
        ("export { a };\n", "a.js: 'export': export a function"),
        ("export let a = 1;\n", "a.js: 'export': export a function"),
        ('export * from "./c.js";\n', "a.js: 'export': export a function"),
        ('import { b as a } from "./a.js";\n', "a.js: import names as they are"),
        ('import * as c from "./c.js";\n', "a.js: 'import': imports must name"),
        ('import "./c.js";\n', "a.js: 'import': imports must name"),
        ('import { c } from "c";\n', "a.js: 'import': imports must name"),
        ('export const a = import("./c.js");\n', "there is no c.js"),
        ("const c = import(`./c.js`);\n", "a.js: 'import(': what is imported later must be named"),
        ("const c = import.meta.url;\n", "a.js: 'import.meta': the page has no modules"),
        ('import { c } from "./c.js";\n', "a.js: there is no c.js"),
        ('import { a } from "./main.js";\n', "A circle of imports: main.js → a.js → main.js"),
        ("export const b = 1;\n", "main.js: a.js does not export a"),
        ("export const a = 1;\nfunction twice() {}\n", "Two modules declare twice"),
        ("export const a = 1;\nconst { twice } = a;\n", "Two modules declare twice"),
        ("const { a: twice } = b;\n", "a.js: 'const { a:': take a part under its own name"),
        ("export const a = `\n// kept\n`;\n", "A text must not span lines: export const a = `"),
        ("export const a = '\\\n  b';\n", "A text must not span lines"),
        ('export const a = "</SCRIPT>";\n', "would end it"),
    ],
)
def test_what_cannot_be_joined(folder: Path, module: str, complaint: str) -> None:
    """A form that text alone cannot join is named, and nothing is published."""
    (folder / "main.js").write_text('import { a } from "./a.js";\nconst twice = a;\n')
    (folder / "a.js").write_text(module)
    with pytest.raises(PageError, match=re.escape(complaint)):
        assemble(folder, upload_prefix=PREFIX)


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ('const a = "/* no comment */"; // stays\n', 'const a = "/* no comment */"; // stays\n'),
        ("/** @type {A} */ (a).b();\n", "(a).b();\n"),
        ("/*\n * one\n */\n/** two */\nb();\n", "b();\n"),
        ("const r = /\\/*/;\nconst s = /*/;/;\n", "const r = /\\/*/;\nconst s = /*/;/;\n"),
        ("const t = `//${a}`;\n", "const t = `//${a}`;\n"),
    ],
)
def test_only_comments_are_dropped(folder: Path, code: str, kept: str) -> None:
    """What stands within a line is nobody's business."""
    (folder / "main.js").write_text(code)
    assert join(folder, "main.js").code == kept


def test_a_page_without_its_places(folder: Path) -> None:
    """A page that lost the place of its prefix is not published without one."""
    (folder / "index.html").write_text(INDEX.replace("upload-prefix", "prefix"))
    with pytest.raises(PageError, match='must hold <meta name="upload-prefix" content=""> once'):
        assemble(folder, upload_prefix=PREFIX)


def test_our_page_fits_one_round_trip() -> None:
    """All that a first visit loads is at most 14 KB."""
    index, *later = assemble(PAGE, upload_prefix=PREFIX)
    assert index.key == "index.html"
    assert len(index.body) <= BUDGET
    assert [asset.key.partition("-")[0] for asset in later] == ["more"]


def test_what_is_imported_later_is_a_file_of_its_own(folder: Path) -> None:
    """Named by what is in it, kept for ever, with all that it needs, and giving what it gave."""
    (folder / "main.js").write_text('const a = () => import("./later.js");\na();\n')
    (folder / "later.js").write_text(
        'import { one } from "./one.js";\nexport function two() {\n  return one + 1;\n}\n'
    )
    (folder / "one.js").write_text("export const one = 1;\n")
    index, later = assemble(folder, upload_prefix=PREFIX)
    assert re.fullmatch(r"later-[0-9a-f]{8}\.js", later.key)
    assert later.cache_control == "public, max-age=31536000, immutable"
    assert f'import("./{later.key}")' in page([index])
    assert brotli.decompress(later.body).decode().startswith("export const{two}=")
    (folder / "one.js").write_text("export const one = 2;\n")
    assert assemble(folder, upload_prefix=PREFIX)[1].key != later.key


def test_what_is_imported_later_imports_nothing_later(folder: Path) -> None:
    """Each would be a round trip more."""
    (folder / "main.js").write_text('const a = () => import("./later.js");\na();\n')
    (folder / "later.js").write_text('export const two = () => import("./one.js");\n')
    with pytest.raises(PageError, match=r"later.js: what is imported later must be whole"):
        assemble(folder, upload_prefix=PREFIX)

"""The folder page/ made into what is published: one HTML file that opens with nothing else.

One file is one round trip, which is what opening the page costs on a slow line. What only
few visits need is a script beside it, fetched when it is needed.
Joining the modules takes no bundler because they keep to a few forms: named
imports without `as`, exports before a declaration, no name twice. Anything else
is refused here rather than published broken. What is joined is minified: our
names are for us, and cost an eighth of that one round trip.
"""

import hashlib
import html
import re
import sys
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import brotli

from cloud.modules import PageError, join, without_indentation

#: What a first visit may load, in bytes as they travel: about what one round
#: trip carries (ten segments, RFC 6928).
BUDGET = 14 * 1024

PAGE = Path(__file__).parent.parent / "page"


@dataclass(frozen=True, slots=True)
class Asset:
    """One object to publish, compressed, since S3 compresses nothing.

    By Brotli, which every browser takes over TLS and on localhost, and which
    says a seventh less than gzip here.
    """

    key: str
    body: bytes
    content_type: str
    cache_control: str
    content_encoding: str = "br"


def prefix(bases: Iterable[str]) -> str:
    """What a page is told of where uploads begin, by the URLs of the bucket's hosts."""
    return " ".join(f"{base}uploads/" for base in bases)


def assemble(folder: Path = PAGE, *, upload_prefix: str) -> list[Asset]:
    """All that is published of the page in `folder`, the same bytes every time.

    `upload_prefix` is the URL that every upload must begin with, such as
    `https://BUCKET.s3.REGION.amazonaws.com/uploads/`, for each of the bucket's hosts,
    between spaces. Raises `PageError`.
    """
    page = re.sub(r"<!--.*?-->\n?", "", (folder / "index.html").read_text(), flags=re.DOTALL)
    # Only space between tags goes, and only whole lines of it.
    page = without_indentation(page).replace(">\n<", "><")
    style = _minified("text/css", (folder / "style.css").read_text())
    # In a function of its own, where no name is for anybody else and each may become short.
    main = join(folder, "main.js")
    code, assets = main.code, []
    for name in main.later:
        asset = _later(folder, name)
        assets.append(asset)
        code = code.replace(f'import("./{name}")', f'import("./{asset.key}")')
    script = _minified("text/javascript", f"(()=>{{{code}}})()")
    for icon in sorted(folder.glob("*.svg")):
        drawn = _minified("image/svg+xml", icon.read_text()).replace('"', "'").replace("#", "%23")
        page = page.replace(f'"{icon.name}"', f'"data:image/svg+xml,{drawn}"')
    page = _put(page, '<meta name="upload-prefix" content="">', html.escape(upload_prefix))
    page = _inline(page, '<link rel="stylesheet" href="style.css">', "style", style)
    page = _inline(page, '<script type="module" src="main.js"></script>', "script", script)
    # First in the head: a policy in a page rules only what comes after it (CSP 3, 3.3).
    # The distribution's own policy says the rest; see cloud/template.yaml.
    # 'self' is for what is imported later: nothing else of this origin is a script, for plans
    # are JSON, which no browser runs.
    policy = f"script-src {_hash(script)} 'self'; style-src {_hash(style)}"
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    page = _once(page, "<head>", f"<head>\n{meta}")
    return [Asset("index.html", _brotli(page), "text/html; charset=utf-8", "no-cache"), *assets]


def _later(folder: Path, name: str) -> Asset:
    """A script that the page imports when it needs it, under a name that changes with it."""
    script = join(folder, name)
    if script.later:
        raise PageError(f"{name}: what is imported later must be whole.")
    given = ",".join(script.exports)
    # In a function of its own, as above.
    code = f"export const{{{given}}}=(()=>{{{script.code}return{{{given}}}}})()"
    body = _minified("text/javascript", code)
    digest = hashlib.sha256(body.encode()).hexdigest()[:8]
    key = f"{name.removesuffix('.js')}-{digest}.js"
    cache = "public, max-age=31536000, immutable"
    return Asset(key, _brotli(body), "text/javascript; charset=utf-8", cache)


def _inline(page: str, tag: str, element: str, content: str) -> str:
    closing = f"</{element}"
    if closing in content.lower() or "<!--" in content:
        raise PageError(f"{tag}: what it names contains {closing} or <!--, which would end it.")
    # As a module even when alone: modules wait for the document and are strict.
    attributes = ' type="module"' if element == "script" else ""
    return _once(page, tag, f"<{element}{attributes}>{content}{closing}>")


def _put(page: str, tag: str, value: str) -> str:
    return _once(page, tag, tag.replace('content=""', f'content="{value}"'))


def _once(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        raise PageError(f"index.html must hold {old} once; it does {page.count(old)} times.")
    return page.replace(old, new)


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _minified(media_type: str, source: str) -> str:
    import minify  # which starts threads of Go's, and the tests are forked from what has none

    try:
        small: str = minify.string(media_type, source)
    except minify.MinifyError as error:
        raise PageError(f"{media_type}: {error}") from None
    return small


#: Of brotli's, as powers of two in bytes.
_WINDOWS = (15, 16, 22)


def _brotli(text: str) -> bytes:
    """The shortest of some ways to pack it, which differ by a hundredth, by luck.

    The same page is the same bytes, and need not be published again.
    """
    ways = product((brotli.MODE_GENERIC, brotli.MODE_FONT), _WINDOWS)
    packed = (brotli.compress(text.encode(), mode=mode, lgwin=window) for mode, window in ways)
    shortest: bytes = min(packed, key=len)
    return shortest


def main() -> None:
    """Say what the page weighs; exit 1 if that is more than a first visit may load."""
    assets = assemble(upload_prefix="https://bucket.s3.eu-central-1.amazonaws.com/uploads/")
    size = len(assets[0].body)
    for asset in assets:
        sys.stdout.write(f"{len(asset.body):>7,} bytes  {asset.key}\n")
    sys.stdout.write(f"{size:>7,} bytes of {BUDGET:,}\n")
    if size > BUDGET:
        sys.exit("The page is too heavy.")


if __name__ == "__main__":
    main()

"""The page as CloudFront serves it, and the bucket behind it, which serves nobody."""

import html
import re
import secrets
from functools import partial
from typing import Any
from urllib.parse import urljoin

import brotli
import urllib3

from cloud.doctor.finding import Check, Finding, Findings, Verdict
from cloud.doctor.installation import Installation
from cloud.doctor.looking import DOCTOR_POLICY, look
from cloud.page import assemble, prefix

SERVED = Check("page.served", "GET PAGE_URL")
HEADERS = Check("page.headers", "its security headers")
CSP = Check("page.csp", "its Content-Security-Policy")
VERSION = Check("page.version", "the page beside the one of this checkout")
ASSETS = Check("page.assets", "GET all that the page refers to")
PLAN = Check("page.plan", "a plan: none there, then one, then a newer one")
DIRECT = Check("page.bucket", "GET the page from its bucket, past CloudFront")
CLEAN = Check("page.cleanup", "taking the plan away again")

#: What each security header has to say.
_HEADERS = {
    "x-content-type-options": r"nosniff",
    "x-frame-options": r"DENY",
    "referrer-policy": r"no-referrer",
    "strict-transport-security": r"max-age=\d{7,}.*",
    "cross-origin-opener-policy": r"same-origin",
    "permissions-policy": r".*camera=\(\).*",
}

#: Directives that the page's own policy does not repeat.
_DIRECTIVES = {"default-src", "base-uri", "form-action", "frame-ancestors"}

_AS_IN_TEMPLATE = (
    "Let the distribution use the response headers policy of cloud/template.yaml (PageHeaders)."
)
_DEPLOY = "Publish it: python bot.py deploy"
_BEHIND = "See whether PAGE_BUCKET is the one behind PAGE_URL."
_CACHE = "Let /p/* of the distribution use Managed-CachingDisabled, as cloud/template.yaml has it."


def examine(it: Installation) -> Findings:
    got: list[urllib3.BaseHTTPResponse] = []
    served = look(SERVED, partial(_served, it, got))
    yield served
    if served.verdict is Verdict.OK:
        yield _headers(got[0])
        yield _csp(it, got[0])
        page = _text(got[0])
        yield _version(it, page)
        yield look(ASSETS, partial(_assets, it, page))
    else:
        for check in (HEADERS, CSP, VERSION, ASSETS):
            yield check.skipped("see page.served")
    yield look(DIRECT, partial(_direct, it))
    name = f"doctor-{secrets.token_hex(11)}"
    try:
        yield look(PLAN, partial(_plan, it, name))
    finally:
        clean = look(CLEAN, partial(_clean, it, name), DOCTOR_POLICY)
    yield clean


def _served(it: Installation, got: list[urllib3.BaseHTTPResponse]) -> Finding:
    answer = it.ask("GET", it.settings.page_url + "/", {"Accept-Encoding": "br"})
    got.append(answer)
    cure = f"{_DEPLOY}. If it was, see the distribution's origin and its access to the bucket."
    wrong = "" if answer.status == 200 else f"status {answer.status}"
    return SERVED.judged(wrong, it.settings.page_url, cure)


def _headers(answer: urllib3.BaseHTTPResponse) -> Finding:
    wrong = [
        f"{name}: {answer.headers.get(name, 'missing')}"
        for name, wanted in _HEADERS.items()
        if not re.fullmatch(wanted, answer.headers.get(name, ""))
    ]
    return HEADERS.judged(", ".join(wrong), f"all {len(_HEADERS)}", _AS_IN_TEMPLATE)


def _csp(it: Installation, answer: urllib3.BaseHTTPResponse) -> Finding:
    said = directives(answer.headers.get("content-security-policy", ""))
    sends_to = said.get("connect-src", set())
    wrong = [
        f"{name} is not 'none'" for name in sorted(_DIRECTIVES) if said.get(name) != {"'none'"}
    ]
    origins = it.upload_origins
    if lacking := [origin for origin in origins if origin not in sends_to]:
        wrong.append(f"the page may not send files to {', '.join(lacking)}")
    elif others := sends_to - {"'self'", *origins}:
        wrong.append(f"a forged link may send files to {', '.join(sorted(others))}")
    good = f"files go to {', '.join(origins)} only"
    return CSP.judged("; ".join(wrong), good, _AS_IN_TEMPLATE)


def directives(policy: str) -> dict[str, set[str]]:
    """A Content-Security-Policy by its directives.

    >>> directives("base-uri 'none'; img-src 'self' data:") == {
    ...     "base-uri": {"'none'"}, "img-src": {"'self'", "data:"}
    ... }
    True
    """
    said = (part.split() for part in policy.split(";") if part.strip())
    return {name.lower(): set(values) for name, *values in said}


def _version(it: Installation, page: str) -> Finding:
    wanted = prefix(it.ours.signer.bases)
    ours, *_ = assemble(upload_prefix=wanted)
    if page == brotli.decompress(ours.body).decode():
        return VERSION.ok("the same")
    if f'content="{html.escape(wanted)}"' not in page:
        return VERSION.bad(f"it refuses to send files to {wanted}", _DEPLOY)
    return VERSION.bad("it is another one, and may be older than what the bot tells it", _DEPLOY)


def _assets(it: Installation, page: str) -> Finding:
    # What the page needs to open is in it. What it imports later is beside it, and a browser
    # may still hold an older page, which names older files.
    named = re.findall(r'\bimport\("\./([\w.-]+)"\)', page)
    named += re.findall(r'<(?:link|script|img)\b[^>]*?\s(?:href|src)="?(?!data:)([^">\s]+)', page)
    gone = [n for n in named if it.ask("GET", urljoin(it.settings.page_url + "/", n)).status != 200]
    wrong = f"not there: {', '.join(gone)}" if gone else ""
    return ASSETS.judged(wrong, f"{len(named)}, all there", _DEPLOY)


def _plan(it: Installation, name: str) -> Finding:
    url = f"{it.settings.page_url}/p/{name}.json"
    if (status := it.ask("GET", url).status) not in {403, 404}:
        return PLAN.bad(f"one that is not there: status {status}", _CACHE)
    for number in (1, 2):
        it.ours.plans.publish(name, {"v": number})
        answer = it.ask("GET", url)
        if why := _why_not(answer, number):
            return PLAN.bad(why, _CACHE if answer.status == 200 else f"{_BEHIND} {_CACHE}")
    return PLAN.ok("served as it is now, from no cache")


def _why_not(answer: urllib3.BaseHTTPResponse, number: int) -> str:
    if answer.status != 200:
        return f"status {answer.status} right after it was published: links do not open"
    if answer.headers.get("cache-control") != "no-store":
        return "browsers may keep it"
    if answer.data != b'{"v":%d}' % number:
        return "an older one is served: a cache keeps plans"
    return ""


def _clean(it: Installation, name: str) -> Finding:
    it.reading.s3.delete_object(Bucket=it.settings.page_bucket, Key=f"page/p/{name}.json")
    return CLEAN.ok("nothing is left")


def _direct(it: Installation) -> Finding:
    status = it.ask("GET", f"{it.ours.page_signer.base}page/index.html").status
    wrong = "" if status == 403 else f"status {status}"
    cure = "Block public access to the page bucket, as cloud/template.yaml has it (PageBucket)."
    return DIRECT.judged(wrong, "403", cure)


def _text(answer: urllib3.BaseHTTPResponse) -> str:
    body: Any = answer.data
    if answer.headers.get("content-encoding") == "br":
        body = brotli.decompress(body)
    return str(body, "utf-8", "replace")

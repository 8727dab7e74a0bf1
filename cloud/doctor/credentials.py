"""Whose credentials they are, how long they live, and what that means for links."""

from datetime import datetime, timedelta
from functools import partial

import boto3
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ConnectionError, HTTPClientError

from cloud.doctor.finding import Check, Finding, Findings, Verdict
from cloud.doctor.installation import Installation, now
from cloud.doctor.looking import look
from uploads.signing import MAX_SIGNATURE_LIFE

IDENTITY = Check("credentials.identity", "sts:GetCallerIdentity")
LIFE = Check("credentials.life", "when the credentials end")

#: What botocore would renew, from an environment that does not change.
_FIXED = "env"


def examine(it: Installation, session: boto3.Session) -> Findings:
    identity = look(IDENTITY, partial(_identity, it))
    yield identity
    if identity.verdict is Verdict.BAD:
        yield LIFE.skipped("see credentials.identity")
    else:
        yield look(LIFE, partial(_life, it, session))


def _identity(it: Installation) -> Finding:
    try:
        who = it.ours.sts.get_caller_identity()
    except (ConnectionError, HTTPClientError):
        # From a closed network STS may be out of reach, which the bot does not need.
        return IDENTITY.warning(
            "STS does not answer, so nobody says who this is", "None is needed."
        )
    return IDENTITY.ok(f"{who['Arn']}")


def _life(it: Installation, session: boto3.Session) -> Finding:
    at = now()
    end = it.ours.signer.credentials_end(at)
    credentials = session.get_credentials()
    renewed = isinstance(credentials, RefreshableCredentials) and credentials.method != _FIXED
    wrong, good = life(end, at, renewed=renewed, embedded=it.settings.link_style == "embedded")
    cure = (
        "Let the bot run under a role, whose credentials are renewed by themselves, or with a"
        " user's access key."
    )
    return LIFE.judged(wrong, good, cure)


def life(end: datetime | None, at: datetime, *, renewed: bool, embedded: bool) -> tuple[str, str]:
    """What is wrong with credentials that end then, and what it means where nothing is."""
    longest = f"{MAX_SIGNATURE_LIFE.days} days"
    if end is None:
        means = f"a link lives {longest} at most" if embedded else "links are signed anew in time"
        return "", f"they do not end; {means}"
    left = said(end - at)
    if not renewed:
        return f"they end in {left} and nobody renews them: with them every link, and the bot", ""
    if embedded:
        return "", f"they end in {left}; a link lives no longer than what signed it"
    return "", f"they end in {left} and are renewed; links are signed anew before"


def said(span: timedelta) -> str:
    """A span in words, roughly.

    >>> said(timedelta(minutes=95)), said(timedelta(seconds=20)), said(timedelta(days=3))
    ('1 h 35 min', '20 s', '72 h 0 min')
    """
    seconds = max(0, int(span.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"

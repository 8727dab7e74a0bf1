"""boto3's clients for the local services, made in a tenth of the time, or once."""

import os
from functools import cache

import boto3.session
import botocore.session
from botocore.loaders import Loader


@cache
def files() -> Loader:
    """What botocore reads from its files, which is most of the work of making a client."""
    core = botocore.session.get_session()
    boto3.session.Session(botocore_session=core)  # which adds where boto3's own files are
    loader: Loader = core.get_component("data_loader")
    return loader


def session(
    key_id: str | None = None,
    secret: str | None = None,
    token: str | None = None,
    *,
    region: str | None = None,
) -> boto3.session.Session:
    """A session of boto3 that reads no file which another has read.

    Without a key, it finds credentials as any other does.
    """
    core = botocore.session.get_session()
    core.register_component("data_loader", files())
    paths = files().search_paths
    known = len(paths)
    made = boto3.session.Session(key_id, secret, token, region, botocore_session=core)
    del paths[known:]  # each session names boto3's own folder again
    return made


def lasting(
    region_name: str | None = None, profile_name: str | None = None
) -> boto3.session.Session:
    """As `boto3.Session`, but the same one while the environment is the same, and so its clients.

    For tests, in place of it: a command of ours lasts no longer than its clients take to make.
    """
    said = frozenset((name, value) for name, value in os.environ.items() if name[:4] == "AWS_")
    if profile_name or any(name in dict(said) for name in _FILES):
        return boto3.session.Session(profile_name=profile_name, region_name=region_name)
    return _lasting(region_name, said)


#: What names files, whose content is not ours to know.
_FILES = ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


@cache
def _lasting(region: str | None, _environment: frozenset[tuple[str, str]]) -> boto3.session.Session:
    made = session(region=region)
    made.client = cache(made.client)  # type: ignore[method-assign]
    return made

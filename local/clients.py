"""boto3's clients for the local services, made in a tenth of the time."""

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

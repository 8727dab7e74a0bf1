"""boto3's clients for the local services, made in a tenth of the time."""

import boto3.session
import botocore.session

#: What botocore reads from its files, which is most of the work of making a client.
_FILES = botocore.session.get_session().get_component("data_loader")


def session(
    key_id: str, secret: str, token: str | None = None, *, region: str | None = None
) -> boto3.session.Session:
    """A session of boto3 that reads no file which another has read."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _FILES)
    return boto3.session.Session(key_id, secret, token, region, botocore_session=core)

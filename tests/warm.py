"""What every forked bot finds done: all is imported, and what AWS's services are like is read."""

import gc

from botocore import session

import bot  # noqa: F401 -- imported here so that no fork must
from local import clients

for service in ("dynamodb", "s3", "sqs"):
    clients.session("", "", region="eu-central-1").client(service)
# Bots make clients of their own, from files that are the same for all of them.
session.create_loader = lambda *_: clients.files()
gc.freeze()  # no collection goes through all of this again, in any of them

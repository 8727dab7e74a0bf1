"""AWS's failures, in our words."""

import boto3
import pytest
from botocore.config import Config

from uploads.errors import Unavailable, aws_errors


def test_a_closed_port_is_an_outage() -> None:
    """What botocore raises where nobody listens is something to wait for, not a bug."""
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    sqs = boto3.Session("a", "b", region_name="eu-central-1").client(
        "sqs", endpoint_url="http://127.0.0.1:9", config=once
    )
    with pytest.raises(Unavailable), aws_errors():
        sqs.list_queues()

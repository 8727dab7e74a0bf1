"""`python -m cloud.deploy`: bring the stack and the page in an AWS account up to date.

Both may be repeated at any time. Region, credentials and endpoint are boto3's.
"""

import argparse
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cloud.modules import PageError
from cloud.page import assemble
from cloud.publish import publish
from cloud.stack import StackError, deploy

#: Outputs of the stack that are settings of the bot, by the settings' names.
SETTINGS = {
    "UPLOAD_BUCKET": "UploadBucket",
    "PAGE_BUCKET": "PageBucket",
    "PAGE_URL": "PageUrl",
    "EVENT_QUEUE_URL": "EventQueueUrl",
    "LINK_TABLE": "LinkTable",
}


def main() -> int:
    """Deploy, publish, and print the settings. 1 with a sentence if AWS refuses."""
    parser = argparse.ArgumentParser(prog="python -m cloud.deploy", description=__doc__)
    parser.add_argument("--stack-name", default="upload-link", help="short and in lower case")
    parser.add_argument("--region", help="default: that of your AWS configuration")
    chosen = parser.parse_args()
    try:
        session = boto3.Session(region_name=chosen.region)
        outputs = bring_up(session, chosen.stack_name)
    except (StackError, PageError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("Put these into .env:\n\n")
    sys.stdout.write(f"AWS_REGION={session.region_name}\n")
    for setting, output in SETTINGS.items():
        sys.stdout.write(f"{setting}={outputs[output]}\n")
    sys.stdout.write(f"\nThe bot needs the policy {outputs['BotPolicyArn']}\n")
    return 0


def bring_up(session: boto3.Session, name: str) -> dict[str, str]:
    """The stack as the template says, and the newest page on it. Returns the stack's outputs."""
    sys.stderr.write("deploying the stack (a first time takes some minutes) …\n")
    cloudformation: Any = session.client("cloudformation")
    outputs = deploy(cloudformation, name)
    sys.stderr.write("publishing the page …\n")
    changed = publish(
        session.client("s3"),
        session.client("cloudfront"),
        bucket=outputs["PageBucket"],
        distribution_id=outputs["DistributionId"],
        assets=assemble(upload_prefix=f"{outputs['UploadOrigin']}/uploads/"),
    )
    sys.stderr.write("done\n" if changed else "done: the page was there already\n")
    return outputs


if __name__ == "__main__":
    sys.exit(main())

"""`python bot.py destroy`: what `deploy` made goes; received files stay unless told twice."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from cloud import env_file, existing_bucket, move
from cloud.deploy import Declined, open_stack
from cloud.existing_bucket import is_there
from cloud.terminal import Terminal

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ObjectIdentifierTypeDef

#: S3's most for one DeleteObjects.
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """What is to go."""

    stack_name: str
    env: Path
    delete_files: bool = False  #: the upload bucket and the table of links, too
    confirmed_bucket: str = ""  #: the upload bucket's name, typed beforehand
    dry_run: bool = False


def destroy(session: boto3.Session, wish: Destruction, terminal: Terminal) -> None:
    """Delete the stack and the page, and at wish all that was received. May be repeated.

    Raises `Declined` and `StackError`.
    """
    stack = open_stack(session, wish.stack_name, terminal)
    s3: S3Client = session.client("s3")
    # Known without the stack: an earlier try may have been interrupted after deleting it.
    names = stack.names()
    page, table, lives = names["PageBucket"], names["LinkTable"], move.tenant(stack)
    files = lives.bucket if lives else names["UploadBucket"]
    if lives and wish.delete_files:
        raise Declined(
            f"{files} was there before the stack, so it is not deleted with it, and nothing was."
            f" Delete what you no longer want of its uploads/, and go without --delete-files."
        )
    left = [page, files] if wish.delete_files else [page]
    if not stack.outputs() and not any(is_there(s3, bucket) for bucket in left):
        raise Declined(f"There is no stack {wish.stack_name} here, so nothing was deleted.")
    terminal.say("Deletes the page and its address, the queue and the rights.")
    kept = "Deletes" if wish.delete_files else "Keeps"
    terminal.say(f"{kept} the files in {files} and what is known of links in {table}.")
    if lives and not is_there(s3, files):
        lives = None
    if lives:
        terminal.inside(files, existing_bucket.changes(s3, lives, leaves=True))
    if wish.dry_run:
        terminal.say("Nothing was deleted.")
        return
    if wish.delete_files and wish.confirmed_bucket != files:
        question = f"Every file in {files} is lost. Type the bucket's name to go on:"
        if not terminal.ask_for(question, files):
            raise Declined("Nothing was deleted.")
    if not terminal.ask("Open links stop working. Go on?"):
        raise Declined("Nothing was deleted. With --yes it goes on without asking.")
    # The buckets and the table are retained by the template, so that no deployment loses them.
    terminal.follow("waiting for what is under way", stack.settle(), 0)
    if lives:  # before the stack, which knows where it lives
        existing_bucket.settle(s3, lives, leaves=True)
    terminal.follow("deleting", stack.delete(), 0)
    with terminal.step(f"deleting {page}", f"deleted {page}"):
        delete_bucket(s3, page)
    if wish.delete_files:
        with terminal.step(f"deleting {files}", f"deleted {files}"):
            delete_bucket(s3, files)
        with terminal.step(f"deleting {table}", f"deleted {table}"):
            delete_table(session.client("dynamodb"), table)
    env_file.remove(wish.env)


def delete_table(dynamodb: "DynamoDBClient", table: str) -> None:
    """Delete a table. One that is gone is no error."""
    try:
        dynamodb.delete_table(TableName=table)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def delete_bucket(s3: "S3Client", bucket: str) -> None:
    """Delete a bucket with every version of every object in it. One that is gone is no error."""
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found: list[ObjectIdentifierTypeDef] = [
                {"Key": item["Key"], "VersionId": item["VersionId"]}
                for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            ]
            for start in range(0, len(found), _AT_ONCE):
                some = found[start : start + _AT_ONCE]
                s3.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
        s3.delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise

"""A stand-in for Slack at the wire: Web API, Socket Mode, signed HTTP, and a page to type in.

Run it with `python -m local.slack`; act and look with `local.slack.driver`.
What it refuses, it refuses because Slack does. Rules come from Slack's own
pages, named where they are enforced.
"""

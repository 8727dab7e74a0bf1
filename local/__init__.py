"""Stand-ins at the wire: an AWS and a Slack on loopback, for the demo and for the tests."""

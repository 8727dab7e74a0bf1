"""What stands in AWS: one CloudFormation stack, and the page that is published to it."""

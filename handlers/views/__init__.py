"""What the bot says, as Block Kit. Pure: records in, the arguments of a message out.

Text that a person typed goes into rich text or plain text, whose characters
mean just what they are: no mention, link or format in a file name comes to life
there. Only the top-level `text`, for notifications and screen readers, and the
small print are markup, and there it is escaped.
"""

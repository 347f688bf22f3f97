"""What is wrong with a document."""


class FeedError(ValueError):
    """The document is no feed; `line` is where that shows, if known."""

    def __init__(self, message, line=None):
        super().__init__(message)
        self.line = line

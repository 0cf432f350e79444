"""A small English news channel on localhost, in the shapes of stdaily.com."""

from newsetl.replica.channel import MockSite
from newsetl.replica.server import MockServer
from newsetl.replica.story import MockArticle

__all__ = ["MockArticle", "MockServer", "MockSite"]

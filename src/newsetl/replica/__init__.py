"""Mock site: a small English news site on localhost with the layouts of stdaily.com."""

from newsetl.replica.channel import MockSite
from newsetl.replica.server import MockServer
from newsetl.replica.story import MockArticle

__all__ = ["MockArticle", "MockServer", "MockSite"]

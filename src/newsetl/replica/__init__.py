"""A small English news channel on localhost, in the shapes of stdaily.com."""

from newsetl.replica.channel import Channel
from newsetl.replica.server import Replica
from newsetl.replica.story import Story

__all__ = ["Channel", "Replica", "Story"]

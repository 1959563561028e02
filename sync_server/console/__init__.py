"""The manager's pages: no JavaScript needed, Chinese or English, and the store only through verbs."""

from sync_server.console.guard import ConsoleGuard
from sync_server.console.pages import Pages

__all__ = ["ConsoleGuard", "Pages"]

"""The server's tables; SQL is written here and nowhere else in the package."""

from sync_server.store.sqlite import Store, Transaction

__all__ = ["Store", "Transaction"]

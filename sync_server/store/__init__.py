"""The server's tables; SQL is written here and nowhere else in the package."""

from sync_server.store.sqlite import SAFE_SQLITE, Store, Transaction, sqlite_version

__all__ = ["SAFE_SQLITE", "Store", "Transaction", "sqlite_version"]

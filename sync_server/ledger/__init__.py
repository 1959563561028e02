"""The ledgers that offices have today, read through the same rules as every slip (go-live)."""

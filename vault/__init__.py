"""Vault: keys, sealed fields, the audit chain. Imports no other app."""

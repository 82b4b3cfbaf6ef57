"""Accounts: who someone is. User, age, roles, contacts, consents, sign-up, rights.

Knows nothing of chats.
"""

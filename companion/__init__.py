"""Companion: the conversation. Personas, turns, dialogue states, the chat page."""

"""The engine: tokens, no people.

Runs a GGUF model in a process of its own behind the OpenAI chat-completions
protocol. Imports no app and no Django; only companion/turn.py may use its pool.
"""

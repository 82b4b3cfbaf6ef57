"""One encoding for lists of strings, so that no two lists look alike as bytes."""


def packed(*parts: str) -> bytes:
    """Each part as UTF-8 behind its length in four bytes, big-endian."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)

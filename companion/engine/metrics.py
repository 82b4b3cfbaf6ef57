"""What the engine tells a Prometheus server: counters and gauges, nobody's text."""

from companion.engine.runner import Runner

PREFIX = "companion_engine"


def exposition(runner: Runner) -> str:
    """The text format 0.0.4 of Prometheus."""
    return "".join(
        f"# HELP {PREFIX}_{name} {help_}\n# TYPE {PREFIX}_{name} {kind}\n"
        f"{PREFIX}_{name} {value:g}\n"
        for name, kind, help_, value in _measures(runner)
    )


def _measures(runner: Runner) -> list[tuple[str, str, str, float]]:
    counts = runner.counts
    told = [
        ("up", "gauge", "1 when a model is loaded", runner.status == "ok"),
        ("requests_total", "counter", "Requests accepted", runner.requests),
        ("waiting", "gauge", "Requests in the queue", runner.waiting),
        ("running", "gauge", "Replies in the making", runner.running),
        ("seats", "gauge", "Replies that may be made at once", runner.at_once),
        ("steps_total", "counter", "Steps computed", counts.steps),
        ("prompt_tokens_total", "counter", "Prompt tokens computed", counts.read),
        ("reused_tokens_total", "counter", "Not computed again", counts.reused),
        ("reply_tokens_total", "counter", "Tokens of replies", counts.spoken),
        ("full_total", "counter", "Steps without room", counts.full),
        ("busy_seconds_total", "counter", "Time spent in steps", counts.seconds),
        ("tokens_per_second", "gauge", "Of replies, in busy time", counts.speed),
    ]
    if memory := runner.memory:
        parking = runner.parking
        told += [
            ("cells_used", "gauge", "Tokens kept or promised", memory.used),
            ("parked_chats", "gauge", "Chats set aside", parking.chats),
            ("parked_bytes", "gauge", "In memory", parking.bytes_in_memory),
            ("parked_disk_bytes", "gauge", "Sealed on disk", parking.bytes_on_disk),
        ]
    return [(name, kind, text, float(value)) for name, kind, text, value in told]

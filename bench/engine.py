"""Our engine, llama.cpp's own server and a locked Llama, side by side in one run.

    python bench/engine.py [--model FILE] [--threads N] [--quick] [--json FILE]

Same file, same threads, same prompts, same sampling, each server alone in a fresh
process for every number of chats. A persona of about 110 tokens is warmed up by one
chat; then N new chats of that persona begin at once (cold), and PAUSE seconds later,
as people read and type, the same N chats say something more (warm). After that one
chat has six turns. A locked Llama may end a reply early where it meets an end; the
others go on to 64 tokens.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from chats import PERSONA, TOKENS, Chat, ask
from started import Server

SERVERS = ("ours", "peer", "locked")
CELLS = 8192
PAUSE = 3.0
QUICK = 85  # seconds, however slow the machine is
SHORT = 16  # tokens: both sides have their say in that time


@dataclass
class Cell:
    server: str
    chats: int
    wave: str
    tokens_per_second: float
    first_p50: float
    first_p95: float
    gap_p50: float
    gap_p95: float
    peak_mib: float = 0
    cpu_ms_per_token: float = 0


def share(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


async def wave(name: str, chats: list[Chat], run: Server, length: int) -> Cell:
    """All chats at once, with replies of `length` tokens."""
    begun, cpu = time.perf_counter(), run.cpu()
    replies = await asyncio.gather(*(chat.turn(length) for chat in chats))
    seconds = time.perf_counter() - begun
    # A piece of a reply may hold several tokens or none: the limit is what was made.
    tokens = length * len(chats) if run.kind != "locked" else sum(
        len(r.at) for r in replies
    )  # fmt: skip
    gaps = [gap for reply in replies for gap in reply.gaps]
    firsts = [reply.first for reply in replies]
    return Cell(
        server=run.kind, chats=len(chats), wave=name,
        tokens_per_second=tokens / seconds,
        first_p50=share(firsts, 0.5), first_p95=share(firsts, 0.95),
        gap_p50=share(gaps, 0.5), gap_p95=share(gaps, 0.95),
        peak_mib=run.peak(), cpu_ms_per_token=(run.cpu() - cpu) / tokens * 1000,
    )  # fmt: skip


async def compared(kind: str, count: int, given: argparse.Namespace) -> list[Cell]:
    run = Server(kind, given.model, given.threads, CELLS)
    async with run as http:
        await Chat(http, 99).turn(tokens=8)
        chats = [Chat(http, number) for number in range(count)]
        cold = await wave("cold", chats, run, given.tokens)
        await asyncio.sleep(PAUSE)
        return [cold, await wave("warm", chats, run, given.tokens)]


async def six_turns(kind: str, given: argparse.Namespace) -> dict[str, list[float]]:
    """First tokens of six turns; each against the same prompt read from its start; and
    of a seventh after the chat had to make room for others (ours)."""
    run = Server(kind, given.model, given.threads, 2048)
    async with run as http:
        chat = Chat(http, 1)
        kept = [(await chat.turn(32)).first for _ in range(6)]
        whole = []
        for turn in range(6):
            opening = f"({turn}) {PERSONA}"
            said = chat.said[: turn * 2 + 1]
            whole.append((await ask(http, opening, said, f"w{turn}", 1)).first)
        away = f"(x) {PERSONA} " + "Speak of the sea. " * 300
        await ask(http, away, ["Hi"], "away", 1)
        parked = (await chat.turn(32)).first
    return {"kept": kept, "whole": whole, "parked": [parked]}


async def cancelled(given: argparse.Namespace) -> dict[int, list[float]]:
    """Ours: from closing a stream to the moment when nothing is computed for it any
    more, alone and among eight chats."""
    run = Server("ours", given.model, given.threads, CELLS)
    found: dict[int, list[float]] = {}
    async with run as http:
        for count in (1, 8):
            found[count] = [await one_leaves(http, count) for _ in range(5)]
    return found


async def one_leaves(http: httpx.AsyncClient, count: int) -> float:
    chats = [Chat(http, number) for number in range(count)]
    before = await spoken(http)
    asked = [asyncio.create_task(chat.turn(200)) for chat in chats]
    while await spoken(http) < before + 8 * count:  # all of them speak
        await asyncio.sleep(0.05)
    asked[0].cancel()
    begun = time.perf_counter()
    while (await http.get("/health")).json()["running"] >= count:
        await asyncio.sleep(0.002)
    seconds = time.perf_counter() - begun
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    while (await http.get("/health")).json()["running"]:
        await asyncio.sleep(0.05)
    return seconds


async def spoken(http: httpx.AsyncClient) -> float:
    """How many tokens of replies our engine has made."""
    told = (await http.get("/metrics")).text
    found = re.search(r"^companion_engine_reply_tokens_total (\S+)$", told, re.M)
    return float(found[1]) if found else 0.0


def line(cell: Cell) -> str:
    return (
        f"{cell.server:<7}{cell.chats:>3} {cell.wave:<5}{cell.tokens_per_second:>8.1f}"
        f"{cell.first_p50 * 1000:>9.0f}{cell.first_p95 * 1000:>8.0f}"
        f"{cell.gap_p50 * 1000:>8.0f}{cell.gap_p95 * 1000:>8.0f}"
        f"{cell.peak_mib:>8.0f}{cell.cpu_ms_per_token:>8.1f}"
    )


HEAD = (
    "server   N wave   tok/s  first50 first95   gap50   gap95     MiB cpu/tok\n"
    "                            (ms)    (ms)    (ms)    (ms)            (ms)"
)


def ratios(cells: list[Cell]) -> None:
    """Ours against the peer, cell by cell."""
    print("\nours / peer   tok/s  first95   memory")
    found = {(c.server, c.chats, c.wave): c for c in cells}
    for server, count, name in found:
        other = found.get(("peer", count, name))
        if server == "ours" and other:
            cell = found[server, count, name]
            print(
                f"{count:>3} {name:<9}"
                f"{cell.tokens_per_second / other.tokens_per_second:>6.2f}x"
                f"{cell.first_p95 / other.first_p95:>8.2f}x"
                f"{cell.peak_mib / other.peak_mib:>8.2f}x"
            )


def turns_table(turns: dict[str, dict[str, list[float]]]) -> None:
    print("\nFirst token of turns 1 to 6 (ms), and of turn 7 after it made room")
    for kind, found in turns.items():
        for name, values in found.items():
            shown = " ".join(f"{value * 1000:7.0f}" for value in values)
            print(f"{kind:<7}{name:<8}{shown}")
        share_of = found["kept"][5] / found["whole"][5]
        after = found["parked"][0] / found["whole"][5]
        print(f"{kind:<7}turn 6 / whole {share_of:.2f}x, parked / whole {after:.2f}x")


async def side_by_side(given: argparse.Namespace, cells: list[Cell]) -> None:
    for count in given.chats:
        for kind in given.servers:
            if kind == "locked" and count > given.locked_up_to:
                continue
            for cell in await compared(kind, count, given):
                cells.append(cell)
                print(line(cell), flush=True)


async def main() -> None:
    given = parsed()
    print(f"{given.model.name}, {given.threads} thread(s), {platform.machine()}, "
          f"{os.cpu_count()} cores, {datetime.now(UTC):%Y-%m-%d}\n{HEAD}")  # fmt: skip
    cells: list[Cell] = []
    try:
        async with asyncio.timeout(given.seconds):
            await side_by_side(given, cells)
    except TimeoutError:
        print(f"{given.seconds} s are over: the rest was not measured")
    ratios(cells)
    turns: dict[str, dict[str, list[float]]] = {}
    left: dict[int, list[float]] = {}
    if not given.no_turns:
        kinds = [kind for kind in given.servers if kind != "locked"]
        turns = {kind: await six_turns(kind, given) for kind in kinds}
        turns_table(turns)
        left = await cancelled(given)
        for count, seconds in left.items():
            print(f"ours   cancel among {count}: at most {max(seconds) * 1000:.0f} ms")
    if given.json:
        facts = {"model": given.model.name, "threads": given.threads}
        facts |= {"turns": turns, "cancelled": left, "cells": list(map(asdict, cells))}
        given.json.write_text(json.dumps(facts, indent=1))


def parsed() -> argparse.Namespace:
    cache = Path(os.environ.get("COMPANION_CACHE") or Path.home() / ".cache/companion")
    small = cache / "models" / "smollm2-135m-instruct-q4_1.gguf"
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", type=Path, default=small)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--chats", default="1,2,4,8,16")
    parser.add_argument("--servers", default=",".join(SERVERS))
    parser.add_argument("--quick", action="store_true", help="ends within 90 s")
    parser.add_argument("--no-turns", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.quick:
        given.chats, given.servers, given.no_turns = "4", "ours,peer", True
    given.seconds = QUICK if given.quick else None
    given.tokens = SHORT if given.quick else TOKENS
    given.chats = [int(count) for count in given.chats.split(",")]
    given.servers = given.servers.split(",")
    given.locked_up_to = 4  # it is one after the other
    return given


if __name__ == "__main__":
    asyncio.run(main())

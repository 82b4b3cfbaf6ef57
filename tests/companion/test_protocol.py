import json
from uuid import UUID

import pytest

from companion import protocol
from companion.protocol import commands, events

CLIENT = UUID("00000000-0000-4000-8000-000000000001")


def test_a_send_is_read():
    frame = json.dumps(
        {"type": "message.send", "client_id": str(CLIENT), "text": "hello"}
    )
    assert protocol.decode(frame) == commands.Send(client_id=CLIENT, text="hello")


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"type": "message.delete"}',
        '{"type": "message.send"}',
        '{"type": "message.send", "client_id": "x", "text": "hello"}',
        f'{{"type": "message.send", "client_id": "{CLIENT}", "text": 5}}',
        '{"type": "support.leave", "reason": "bored"}',
        b"\xff\xfe",
        b'{"type": "ping", "x": "\xff"}',
        '{"type": "ping"} {"type": "ping"}',
    ],
)
def test_what_is_no_command_is_refused(frame):
    with pytest.raises(protocol.BadFrame) as bad:
        protocol.decode(frame)
    assert bad.value.code == "frame_unreadable"


def test_a_huge_frame_is_refused_before_it_is_read():
    with pytest.raises(protocol.BadFrame) as bad:
        protocol.decode("x" * (protocol.MAX_FRAME_BYTES + 1))
    assert bad.value.code == "frame_too_large"


def test_four_thousand_chinese_characters_fit_in_a_frame():
    frame = json.dumps(
        {"type": "message.send", "client_id": str(CLIENT), "text": "好" * 4_000},
        ensure_ascii=False,
    )
    assert protocol.decode(frame).text == "好" * 4_000


def test_events_survive_the_stream_and_carry_their_cursor():
    event = events.TurnDelta(turn=CLIENT, text="好")
    assert protocol.unpack(protocol.pack(event)) == event
    assert json.loads(protocol.encode(event, "5-1")) == {
        "type": "turn.delta",
        "turn": str(CLIENT),
        "text": "好",
        "cursor": "5-1",
    }

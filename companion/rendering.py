"""Model text to HTML: Markdown, then an allow-list without images.

A link never loads anything by itself; whatever is not on the list is dropped.
"""

import nh3
from django.utils.html import escape, linebreaks
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "hr", "li", "ol", "p",
    "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)


def reply_html(text: str) -> str:
    """A finished reply as clean HTML."""
    return nh3.clean(
        _markdown.render(text),
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener nofollow noreferrer",
    )


def plain_html(text: str) -> str:
    """What a person wrote: their words and line ends, nothing interpreted."""
    return linebreaks(escape(text))

"""The text of a chat answer, with its thought in whichever way a server gives it."""

import pytest

from curriculum.records import Finish
from policy.server.protocol import Answer, chat_text

BEGUN = "<think>\n"  # what the chat template opens


@pytest.mark.parametrize(
    ("text", "thought", "finish", "whole"),
    [
        ("A: 5", None, "stop", "A: 5"),  # the server has thrown the thought away
        ("2+3\n</think>\n\nA: 5", None, "stop", "<think>\n2+3\n</think>\n\nA: 5"),
        ("is it 5", None, "length", "<think>\nis it 5"),
        ("<think>\n2+3\n</think>\n\nA: 5", None, "stop", "<think>\n2+3\n</think>\n\nA: 5"),
        ("A: 5", "2+3", "stop", "<think>\n2+3\n</think>\n\nA: 5"),
        ("", "is it 5", "length", "<think>\nis it 5"),
        ("A:", "2+3", "length", "<think>\n2+3\n</think>\n\nA:"),
    ],
)
def test_a_thought_is_told_from_the_answer(
    text: str, thought: str | None, finish: Finish, whole: str
) -> None:
    assert chat_text(Answer(text, [], 3, finish, None, thought), BEGUN) == whole

"""Which questions are called the same, near, or a leak; which of them stays; and what is left in peace."""

from collections.abc import Sequence

import numpy as np
import pytest

from filters.overlap.comparison import Overlap, compare
from filters.overlap.phrases import Covered, Phrases
from filters.overlap.sketches import Text, joined, read, sketch

NATALIA = (
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
    "Her brother sold 30 more. How many clips did they sell altogether?"
)
COPIES = {
    "one word": NATALIA.replace("brother", "uncle"),
    "two words": NATALIA.replace("brother", "uncle").replace("clips in May", "clips in June"),
    "renamed": NATALIA.replace("Natalia", "Svetlana"),
    "reordered": "Her brother sold 30 more. " + NATALIA.replace(" Her brother sold 30 more.", ""),
    "spelt": NATALIA.replace("30", "thirty"),
    "introduced": "Please think it over: " + NATALIA,
}
RENUMBERED = NATALIA.replace("48", "52").replace("30", "17")
OTHER = "A train leaves the old station at noon and travels 120 miles west before it stops for lunch. How far is it?"


def found(
    texts: Sequence[Text], references: int = 0, fresh: Sequence[bool] | None = None, test: bool = False
) -> list[Overlap]:
    readings = [read(text) for text in texts]
    covered: dict[int, Covered] = {}
    if test:
        shares = Phrases(readings[:references]).covered(readings[references:])
        covered = {references + place: share for place, share in enumerate(shares) if share}
    new = np.array(fresh if fresh is not None else [True] * len(texts))
    sketches = joined([sketch(readings[:1]), sketch(readings[1:])])
    return compare(sketches, references, new, covered, lambda rows: [texts[row].question for row in rows])


def kinds(overlaps: list[Overlap]) -> list[tuple[int, int, str]]:
    return [overlap[:3] for overlap in overlaps]


def test_the_first_of_equal_questions_stays() -> None:
    texts = [
        Text(OTHER, "120"),
        Text(NATALIA, "102"),
        Text(NATALIA.upper(), "102"),
        Text(f"{NATALIA} ", "102"),
    ]
    assert found(texts) == [Overlap(2, 1, "same", 1.0), Overlap(3, 1, "same", 1.0)]


@pytest.mark.parametrize("way", COPIES)
def test_a_near_copy_is_found(way: str) -> None:
    [overlap] = found([Text(NATALIA, "102"), Text(OTHER, "120"), Text(COPIES[way], "102.0")])
    assert overlap[:3] == (2, 0, "near")
    assert 0.55 <= overlap.similarity <= 1


def test_other_numbers_or_another_answer_make_another_problem() -> None:
    assert found([Text(NATALIA, "102"), Text(RENUMBERED, "95")]) == []
    assert found([Text(NATALIA, "102"), Text(COPIES["one word"], "30")]) == []


def test_against_a_reference_other_numbers_are_no_excuse() -> None:
    texts = [Text(NATALIA, "102"), Text(RENUMBERED, "95"), Text(COPIES["two words"], "7"), Text(OTHER, "120")]
    assert kinds(found(texts, references=1)) == [(1, 0, "near"), (2, 0, "near")]


def test_what_a_reference_says_takes_no_other_with_it() -> None:
    """The second is near the reference; the third is near the second alone, so it stays."""
    far = " ".join(["Listen", "closely", "to", "this", "story", "of", "mine", "now", "please", "all"])
    texts = [
        Text(NATALIA, "102"),
        Text(f"{far} {NATALIA}", "102"),
        Text(f"{far} {far} {far} {NATALIA}", "102"),
    ]
    assert kinds(found(texts, references=1)) == [(1, 0, "near")]
    assert kinds(found(texts[1:])) == [(1, 0, "near")]


def test_only_pairs_with_something_new_are_compared() -> None:
    texts = [Text(NATALIA, "102"), Text(COPIES["one word"], "102"), Text(COPIES["renamed"], "102")]
    assert kinds(found(texts, fresh=[False, False, True])) == [(2, 0, "near")]
    assert kinds(found(texts, references=1, fresh=[True, False, False])) == [(1, 0, "near"), (2, 0, "near")]
    assert found(texts, references=1, fresh=[False, False, False]) == []


def test_a_template_of_many_references_is_told_apart_by_its_numbers() -> None:
    def countdown(number: int) -> Text:
        asked = f"Using the numbers {number}, {number + 3} and {number + 9} once each, write a sum that makes"
        return Text(f"{asked} exactly {3 * number + 12} in the end.", str(number))

    references = [countdown(number) for number in range(20, 40)]
    again = references[3]._replace(question=references[3].question.replace("exactly", "just"))
    assert found([*references, countdown(90), countdown(95)], len(references)) == []
    assert kinds(found([*references, countdown(90), again], len(references))) == [(21, 3, "near")]


def test_tasks_of_a_family_are_compared_by_their_operands() -> None:
    asked = "Solve the following long and wordy puzzle about adding up the numbers"
    texts = [Text(f"{asked}: {sum_}", "8", f"sums: {sum_}") for sum_ in ("3+5", "3-5", "5+3")]
    assert found(texts) == []
    assert kinds(found([*texts, Text("What is 3+5?", "8", "sums: 3+5")])) == [(3, 0, "same")]
    assert kinds(found([*texts, Text("What is 3-5?", "-2", "sums: 3-5")], references=3)) == [(3, 1, "same")]


def test_short_questions_are_compared_whole() -> None:
    assert found([Text("What is 2+3?", "5"), Text("What is 2+4?", "6"), Text("What was 2+3?", "5")]) == []
    assert kinds(found([Text("What is 2+3?", "5"), Text("what is 2 + 3", "5")])) == [(1, 0, "same")]


def test_most_of_a_test_question_inside_a_longer_one_is_covered() -> None:
    story = " ".join(f"Word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(90))
    texts = [
        Text(OTHER, "120"),
        Text(NATALIA, "102"),
        Text(f"{story} {RENUMBERED} {story}", "95"),
        Text(story, "1"),
    ]
    assert kinds(found(texts, references=2, test=True)) == [(2, 1, "covered")]
    assert found(texts, references=2) == []


def test_a_common_phrase_is_no_leak() -> None:
    common = "how many of them does she have left at the end of the day"
    one = f"Ann counts geese near the river each morning, and she never counts a goose twice; {common}?"
    two = f"Bob bought old lamps from his neighbour who had moved away without telling anybody; {common}?"
    assert found([Text(one, "3"), Text(two, "4")], references=1, test=True) == []


def test_what_a_whole_test_shares_says_nothing_of_one_question() -> None:
    instruction = "Read the question below with care and then give nothing but the final answer as a number."
    asked = [
        f"{instruction} Who has {n} pets?"
        for n in ("red", "blue", "old", "new", "big", "wet", "dry", "hot", "odd")
    ]
    phrases = Phrases([read(Text(question, "1")) for question in asked])
    assert phrases.covered([read(Text(f"{instruction} What grows in a desert of salt?", "1"))]) == [None]


def test_nothing_is_nothing() -> None:
    assert found([Text("", "")]) == []
    assert found([Text("", ""), Text(" ", "")], references=1) == []
    assert Phrases([]).covered([read(Text(NATALIA))]) == [None]
    assert Phrases([read(Text("short"))]).covered([]) == []

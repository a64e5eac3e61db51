"""What two ways of writing a question have in common, and what keeps two questions apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.overlap.instances import instance, template_words
from filters.overlap.normal import masked, normalised, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How many are left?", "how many  are\nleft"),
        ("Tom has 3 cats. How many legs?", "TOM HAS 3 CATS.  HOW MANY LEGS ?"),
        ("What is 3 - 5?", "What is 3-5"),
        ("What is 3−5?", "What is 3 - 5?"),
        ("She pays $1,200.", "She pays $1200"),
        ("gcd(84, 36)", "gcd(84,36)"),
        ("In 2010, she left.", "In 2010 she left"),
        ("“Hello”, said Ann’s dog", '"Hello", said Ann\'s dog'),
        ("Ｔｏｍ ｈａｓ ３ ｃａｔｓ", "Tom has 3 cats"),
        ("caf\u00e9", "cafe\u0301"),
        ("the ﬁrst", "the first"),
        ("zero\u200bwidth", "zerowidth"),
        ("٣ cats", "3 cats"),
        ("so many cats, dogs; and mice!", "So many cats dogs and mice"),
    ],
)
def test_what_carries_no_meaning_is_left_out(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 3-5?", "What is 3+5?"),
        ("What is 3.5?", "What is 35?"),
        ("Sort 3 5", "Sort 35"),
        ("Solve x² = 4", "Solve x2 = 4"),
        ("What is 3½?", "What is 31/2?"),
        ("What is 5!?", "What is 5?"),
        ("What is n! for n = 3?", "What is n for n = 3?"),
        ("gcd(84,36)", "gcd(8436)"),
        ("gcd(8,436)", "gcd(84,36)"),
        ("f'(x)", "f(x)"),
        ("a&(T|!a)", "(a&T)|!a"),
        ("-5 degrees", "5 degrees"),
        ("50% of 20", "50 of 20"),
    ],
)
def test_what_may_carry_meaning_stays(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text())
def test_normalising_twice_changes_the_words_no_more(text: str) -> None:
    assert all(part and part == part.casefold() for part in words(normalised(text)))
    assert not {"  ", "\n", "\u200b"} & {normalised(text)[i : i + 2] for i in range(len(text))}


def test_number_words_are_numbers_and_lists_are_one() -> None:
    told = words(normalised("Sort two part-time shifts: 3, 5 and 7 - twelve hours"))
    assert " ".join(told) == "sort 2 part time shifts 3 5 and 7 - 12 hours"
    assert " ".join(masked(told)) == "sort # part time shifts # and # hours"
    assert words("問題は3つ") == ["問", "題", "は", "3", "つ"]


TEMPLATE = frozenset({"gcd"})


def test_a_task_is_named_by_its_operands() -> None:
    assert template_words(["gcd(12,18)", "gcd(5,35)", "gcd(9,6)"]) == {"gcd"}
    assert instance("gcd", "gcd(84,36)", TEMPLATE) == instance("gcd", "GCD ( 84, 36 )", TEMPLATE)
    asked = [
        "What is the greatest common divisor of 84 and 36?",
        "What is the greatest common divisor of 7 and 9?",
    ]
    assert instance("gcd", asked[0], TEMPLATE | template_words(asked)) == instance(
        "gcd", "gcd(84,36)", TEMPLATE
    )
    assert instance("gcd", "gcd(84,36)", TEMPLATE) != instance("gcd", "gcd(36,84)", TEMPLATE)
    assert instance("gcd", "gcd(8,436)", TEMPLATE) != instance("gcd", "gcd(84,36)", TEMPLATE)
    assert instance("gcd", "gcd", TEMPLATE) == ""


def test_operands_keep_their_case_operators_and_parentheses() -> None:
    template = frozenset({"simplify", "reverse", "add"})
    told = [
        "Simplify ((a&T)|!a)",
        "Simplify (a&(T|!a))",
        "Reverse aB",
        "Reverse ab",
        "Add 3-5",
        "Add 3+5",
        "Add 35",
    ]
    assert len({instance("f", question, template) for question in told}) == len(told)

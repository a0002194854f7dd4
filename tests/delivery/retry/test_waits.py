"""Waits in words."""

from datetime import timedelta

import pytest

from delivery.retry.waits import in_words, waits_sentence


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=2.5), "2.5 seconds"),
        (timedelta(seconds=60), "60 seconds"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(hours=24), "24 hours"),
        (timedelta(days=7), "7 days"),
    ],
)
def test_a_span_is_in_the_longest_unit_that_fits_more_than_once(
    span: timedelta, words: str
) -> None:
    assert in_words(span) == words


def test_one_attempt_leaves_nothing_to_wait_for() -> None:
    assert waits_sentence("a day", max_attempts=1) == "Makes one attempt and no retry."


def test_a_single_retry_is_the_only_one() -> None:
    assert waits_sentence("a day", max_attempts=2) == "Waits a day before the only retry."

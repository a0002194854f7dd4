"""What conditions may be: mistakes are told when a webhook is saved, at the very part at fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models

from delivery.conditions import PayloadCondition, PayloadMatch
from delivery.conditions.rules import matches_of
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.models import EventSubscription, Webhook
from delivery.webhook_rules import EventSubscriptionSpec
from events.payload_fields import payload_fields
from tests.delivery.conditions.sample import KINDS, MATCHES, SAMPLED, registered
from tests.work import subscribe

pytestmark = pytest.mark.django_db

AT = ("events", "0", "conditions")


@pytest.fixture(autouse=True)
def sampled() -> Iterator[None]:
    with registered():
        yield


def wanting(*conditions: PayloadCondition) -> EventSubscriptionSpec:
    return EventSubscriptionSpec(event_type=SAMPLED.name, conditions=conditions)


def condition(path: str, match: str, value: Any) -> PayloadCondition:
    return PayloadCondition(path=path, match=PayloadMatch(match), value=value)


def refused(owner: models.Model, *conditions: PayloadCondition) -> tuple[Mistake, ...]:
    with pytest.raises(Refused) as refusal:
        subscribe(owner, "https://example.com/in", wanting(*conditions))
    assert not Webhook.objects.exists()
    return refusal.value.mistakes


def test_d4_d8_every_field_allows_what_its_type_can_be_compared_by() -> None:
    allowed = {
        field.path: [match.value for match in matches_of(field)]
        for field in payload_fields(SAMPLED.fields)
    }

    assert allowed == {path: MATCHES[kind] for path, kind in KINDS.items()} | {
        "part": ["exists"],
        "parts": ["exists"],
    }


def test_an_unknown_field_is_told_with_one_that_is_alike(owner: models.Model) -> None:
    [mistake] = refused(owner, condition("part.labell", "is", "wheel"))

    assert (mistake.code, mistake.path) == (ErrorCode.UNKNOWN_FIELD, (*AT, "0", "path"))
    assert mistake.message == (
        "The payload of sample.taken has no field 'part.labell'. Did you mean 'part.label'?"
    )


@pytest.mark.parametrize("path", ["", "parts.label", "part.", "x\0", "\ud800", "x" * 100_000])
def test_what_is_no_path_of_a_field_is_refused(owner: models.Model, path: str) -> None:
    [mistake] = refused(owner, condition(path, "exists", True))

    assert mistake.code is ErrorCode.UNKNOWN_FIELD
    assert len(mistake.message) < 500


def test_a_match_that_the_field_does_not_allow_is_told_with_those_it_does(
    owner: models.Model,
) -> None:
    fine = condition("text", "is", "a")

    mistakes = refused(owner, fine, condition("whole", "starts_with", "5"))
    [alone] = refused(owner, condition("part", "is", "wheel"))

    assert mistakes == (
        Mistake(
            code=ErrorCode.UNSUPPORTED_MATCH,
            message=(
                "whole cannot be compared in this way, but by is, any, greaterThan, lessThan or "
                "exists."
            ),
            path=(*AT, "1", "match", "starts_with"),
        ),
    )
    assert alone.message == "part cannot be compared in this way, but by exists only."


@pytest.mark.parametrize(
    ("path", "match", "value"),
    [
        ("text", "is", 5),
        ("text", "is", None),
        ("text", "contains", ["a"]),
        ("text", "starts_with", {"a": 1}),
        ("whole", "is", "5"),
        ("whole", "is", 1.5),
        ("whole", "is", True),
        ("whole", "greater_than", "4"),
        ("number", "less_than", float("nan")),
        ("number", "less_than", float("inf")),
        ("flag", "is", 1),
        ("flag", "exists", "true"),
        ("amount", "is", 12.5),
        ("amount", "is", "NaN"),
        ("moment", "greater_than", "2026-01-02T03:04:05"),
        ("moment", "greater_than", "2026-01-02"),
        ("day", "less_than", "tomorrow"),
        ("identifier", "is", "5"),
        ("colour", "is", "RED"),
        ("level", "is", 3),
        ("tags", "contains", 5),
        ("counts", "contains", "5"),
        ("text", "is", "a\0b"),
        ("text", "ends_with", "\ud800"),
        ("text", "like", "a\0b"),
        ("text", "any", "abc"),
        ("text", "any", None),
    ],
)
def test_a_value_that_the_field_cannot_hold_is_invalid(
    owner: models.Model, path: str, match: str, value: Any
) -> None:
    [mistake] = refused(owner, condition(path, match, value))

    assert (mistake.code, mistake.path) == (ErrorCode.INVALID, (*AT, "0", "match", match))


def test_the_message_says_what_was_found_and_what_would_do(owner: models.Model) -> None:
    messages = [
        mistake.message
        for mistake in refused(
            owner, condition("amount", "is", 12.5), condition("colour", "is", "grün")
        )
    ]

    assert messages == [
        '12.5 is not a decimal number as a text, such as "12.50", with which amount is compared.',
        '"grün" is no value of colour. Its values are "red", "blue".',
    ]


@pytest.mark.parametrize(
    ("match", "value", "code", "at"),
    [
        ("any", [], ErrorCode.REQUIRED, ()),
        ("any", ["a"] * 101, ErrorCode.OUT_OF_RANGE, ()),
        ("any", ["a", 5, None], ErrorCode.INVALID, ("1",)),
        ("is", "a" * 1_001, ErrorCode.OUT_OF_RANGE, ()),
        ("any", ["a", "b" * 1_001], ErrorCode.OUT_OF_RANGE, ("1",)),
        ("like", "a" * 201, ErrorCode.OUT_OF_RANGE, ()),
    ],
)
def test_what_is_too_little_or_too_much_is_told(
    owner: models.Model, match: str, value: Any, code: ErrorCode, at: tuple[str, ...]
) -> None:
    [mistake] = refused(owner, condition("text", match, value))

    assert (mistake.code, mistake.path) == (code, (*AT, "0", "match", match, *at))


@pytest.mark.parametrize("digits", [1_001, 5_000])
def test_a_number_of_too_many_digits_is_out_of_range(owner: models.Model, digits: int) -> None:
    [mistake] = refused(owner, condition("whole", "greater_than", -(10**digits)))

    assert mistake.code is ErrorCode.OUT_OF_RANGE


def test_d19_a_bad_pattern_is_refused_with_the_reason_of_the_engine(owner: models.Model) -> None:
    [mistake] = refused(owner, condition("text", "like", "(a|"))

    assert (mistake.code, mistake.path) == (
        ErrorCode.INVALID_PATTERN,
        (*AT, "0", "match", "like"),
    )
    assert mistake.message == "This is not a pattern that can be used: missing ): (a|."


def test_there_may_be_twenty_conditions_and_not_one_more(owner: models.Model) -> None:
    fine = condition("text", "is", "a")

    [mistake] = refused(owner, *[fine] * 21)
    subscribe(owner, "https://example.com/in", wanting(*[fine] * 20))

    assert (mistake.code, mistake.path) == (ErrorCode.OUT_OF_RANGE, AT)


def test_a_webhook_may_have_a_hundred_patterns_and_not_one_more(owner: models.Model) -> None:
    pattern = condition("text", "like", "^a")
    twenty = wanting(*[pattern] * 20)

    with pytest.raises(Refused) as refusal:
        subscribe(owner, "https://example.com/in", *[twenty] * 5, wanting(pattern))
    subscribe(owner, "https://example.com/in", *[twenty] * 5)

    [mistake] = refusal.value.mistakes
    assert (mistake.code, mistake.path) == (ErrorCode.OUT_OF_RANGE, ("events",))


def test_what_is_stored_for_a_subscription_is_bounded(owner: models.Model) -> None:
    long = condition("text", "any", ["a" * 1_000] * 10)

    [mistake] = refused(owner, long)

    assert (mistake.code, mistake.path) == (ErrorCode.OUT_OF_RANGE, AT)


def test_d20_what_is_allowed_is_stored_as_it_was_asked_for(owner: models.Model) -> None:
    conditions = (
        condition("text", "is", "Grüße"),
        condition("counts", "contains", 2),
        PayloadCondition(path="part", match=PayloadMatch.EXISTS, value=False, negate=True),
    )

    subscribe(owner, "https://example.com/in", wanting(*conditions))

    stored = EventSubscription.objects.get().conditions
    assert stored.startswith('[{"path":"text","match":"is","value":"Grüße","negate":false},')

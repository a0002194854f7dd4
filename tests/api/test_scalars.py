"""Moments as text: RFC 3339 with an offset, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import models
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from api.scalars import read_moment, show_moment
from tests.api.client import GraphQL

OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - the zone is drawn below
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001 - as above
    timezones=OFFSETS,
)


@given(moment=MOMENTS)
def test_a_moment_is_shown_in_utc_and_read_back_as_the_same(moment: datetime) -> None:
    text = show_moment(moment)

    assert text.endswith("Z")
    assert read_moment(text) == moment
    assert read_moment(moment.isoformat()) == moment
    assert read_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T17:30:00",
        "2026-11-21",
        "17:30:00Z",
        "yesterday",
        "",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-13-01T00:00:00Z",
        "\0",
    ],
)
def test_a_text_that_is_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(GraphQLError, match="such as 2026-11-21T17:30:00Z"):
        read_moment(text)


@given(value=st.one_of(st.integers(), st.floats(), st.none(), st.booleans(), st.binary()))
def test_what_is_no_text_is_no_moment(value: object) -> None:
    with pytest.raises(GraphQLError):
        read_moment(value)


def test_a_moment_without_an_offset_is_the_callers_mistake(
    graphql: GraphQL, owner: models.Model
) -> None:
    query = "query ($at: DateTime) { events(filter: {occurredAfter: $at}) { edges { cursor } } }"

    answer = graphql(query, variables={"at": "2026-11-21T17:30:00"}, user=owner)

    assert answer.data is None
    assert "is not a moment" in answer.errors[0]["message"]

"""Pages: bounded, in both orders, and not shifted by what happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from delivery.models import Webhook
from tests.api.client import GraphQL
from tests.api.rows import make_delivery
from tests.work import subscribe

URL = "http://127.0.0.1:4"
PAGE = """
    query ($first: Int! = 20, $after: String, $order: ListOrder! = NEWEST_FIRST) {
      webhooks(first: $first, after: $after, order: $order) {
        edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
      }
    }
"""


def make_webhooks(owner: models.Model, count: int) -> list[str]:
    """Return the IDs of new webhooks, the oldest first."""
    return [subscribe(owner, f"{URL}/{number}").public_id for number in range(count)]


def ids_of(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


def walk(graphql: GraphQL, user: models.Model, **variables: Any) -> Iterator[dict[str, Any]]:
    """Give page after page, to the last."""
    after = None
    while True:
        page = graphql(PAGE, variables={**variables, "after": after}, user=user).ok["webhooks"]
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("first", [1, 2, 3, 5, 6, 100])
@pytest.mark.parametrize("order", ["NEWEST_FIRST", "OLDEST_FIRST"])
def test_the_pages_together_are_the_list_whatever_their_size(
    graphql: GraphQL, owner: models.Model, first: int, order: str
) -> None:
    made = make_webhooks(owner, 5)

    pages = list(walk(graphql, owner, first=first, order=order))

    found = [public_id for page in pages for public_id in ids_of(page)]
    assert found == (made if order == "OLDEST_FIRST" else made[::-1])
    assert all(len(page["edges"]) == first for page in pages[:-1])


def test_a_page_says_where_it_stands(graphql: GraphQL, owner: models.Model) -> None:
    made = make_webhooks(owner, 3)

    first, second, third = [page["pageInfo"] for page in walk(graphql, owner, first=1)]

    assert first == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": made[2],
        "endCursor": made[2],
    }
    assert (second["hasNextPage"], second["hasPreviousPage"]) == (True, True)
    assert (third["hasNextPage"], third["hasPreviousPage"]) == (False, True)


def test_a_page_of_nothing_has_no_cursors(graphql: GraphQL, owner: models.Model) -> None:
    page = graphql(PAGE, user=owner).ok["webhooks"]

    assert page == {
        "edges": [],
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        },
        "totalCount": 0,
    }


def test_the_total_is_that_of_the_list_and_not_of_the_page(
    graphql: GraphQL, owner: models.Model
) -> None:
    make_webhooks(owner, 3)

    assert [page["totalCount"] for page in walk(graphql, owner, first=2)] == [3, 3]


def test_twenty_are_returned_unless_asked_otherwise(graphql: GraphQL, owner: models.Model) -> None:
    make_webhooks(owner, 21)

    assert len(graphql(PAGE, user=owner).ok["webhooks"]["edges"]) == 20


def test_rows_that_come_meanwhile_do_not_shift_the_pages(
    graphql: GraphQL, owner: models.Model
) -> None:
    made = make_webhooks(owner, 4)
    pages = walk(graphql, owner, first=2)
    before = ids_of(next(pages))

    subscribe(owner, f"{URL}/new")

    assert before + ids_of(next(pages)) == made[::-1]


def test_a_cursor_outlives_its_row(graphql: GraphQL, owner: models.Model) -> None:
    made = make_webhooks(owner, 3)
    Webhook.objects.order_by("pk")[1].delete()

    page = graphql(PAGE, variables={"after": made[1]}, user=owner).ok["webhooks"]

    assert ids_of(page) == [made[0]]


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
def test_bounds_that_cannot_be_are_refused_before_anything_is_read(
    graphql: GraphQL, owner: models.Model, first: int
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = graphql(PAGE, variables={"first": first}, user=owner)

    assert answer.data == {"webhooks": None}
    assert answer.code == "BAD_REQUEST"
    assert f"`first` must be from 1 to 100, not {first}." in answer.errors[0]["message"]
    assert not [query for query in queries if "webhook_delivery" in query["sql"]]


@pytest.mark.parametrize("field", ["events", "deliveries", "deliveryAttempts", "apiTokens"])
def test_every_list_at_the_root_has_the_same_bounds(
    graphql: GraphQL, owner: models.Model, field: str
) -> None:
    assert graphql(f"{{ {field}(first: 100) {{ edges {{ cursor }} }} }}", user=owner).ok
    answer = graphql(f"{{ {field}(first: 101) {{ edges {{ cursor }} }} }}", user=owner)
    assert answer.code == "BAD_REQUEST"


def test_lists_within_an_object_have_the_same_bounds(graphql: GraphQL, owner: models.Model) -> None:
    make_delivery(subscribe(owner, URL))

    for path in ("webhooks", "events"):
        query = f"{{ {path} {{ edges {{ node {{ deliveries(first: 101) {{ edges {{ cursor }} }} "
        assert graphql(query + "} } } }", user=owner).code == "BAD_REQUEST"


@pytest.mark.parametrize("first", ["null", '"5"', "1.5", "true"])
def test_a_bound_that_is_no_whole_number_is_refused_by_the_schema(
    graphql: GraphQL, owner: models.Model, first: str
) -> None:
    answer = graphql(f"{{ webhooks(first: {first}) {{ totalCount }} }}", user=owner)

    assert answer.data is None
    assert len(answer.errors) == 1


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "whk_",
        "whk_" + "g" * 32,
        "dlv_" + "0" * 32,
        "whk_" + "0" * 31,
        "\0",
        "💥",
        "A" * 99,
    ],
)
def test_what_is_no_cursor_of_the_list_is_refused(
    graphql: GraphQL, owner: models.Model, cursor: str
) -> None:
    answer = graphql(PAGE, variables={"after": cursor}, user=owner)

    assert answer.code == "BAD_REQUEST"
    assert "is not a cursor of this list" in answer.errors[0]["message"]


def test_an_id_of_somebody_elses_as_a_cursor_says_nothing_of_them(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    mine = make_webhooks(owner, 2)
    theirs = make_webhooks(other_owner, 1)[0]

    page = graphql(PAGE, variables={"after": theirs}, user=owner).ok["webhooks"]

    assert ids_of(page) == mine[::-1]

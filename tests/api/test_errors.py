from __future__ import annotations

import logging

import pytest
import strawberry
from django.urls import path

from api.errors import Schema, UserErrorCode, user_errors
from api.limits import DocumentLimits
from api.views import graphql_view
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.options import OptionErrorCode
from tests.api.client import GraphQL


@strawberry.type
class Faulty:
    @strawberry.field
    def number(self) -> int | None:
        raise RuntimeError("the password is hunter2")


urlpatterns = [
    path("graphql/", graphql_view(Schema(query=Faulty, extensions=[DocumentLimits]))),
]


@pytest.mark.urls(__name__)
def test_what_is_wrong_on_our_side_is_hidden_and_logged_under_a_request_id(
    graphql: GraphQL, caplog: pytest.LogCaptureFixture
) -> None:
    answer = graphql("{ number }")

    [error] = answer.errors
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert answer.data == {"number": None}
    assert error["path"] == ["number"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["requestId"] in record.getMessage()
    assert "hunter2" not in str(answer)
    assert record.exc_info
    assert "hunter2" in str(record.exc_info[1])


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "{ noSuchField }",
        "{ webhooks { totalCount } }",
        "{ webhooks(first: 101) { totalCount } }",
        "{ webhooks(first: 4000000000) { totalCount } }",
    ],
)
def test_a_callers_own_mistake_is_told_and_not_logged_as_an_error(
    graphql: GraphQL, caplog: pytest.LogCaptureFixture, document: str
) -> None:
    answer = graphql(document)

    assert answer.errors
    assert "INTERNAL" not in str(answer.errors)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_every_kind_of_mistake_has_a_code_in_the_schema() -> None:
    assert {code.name for code in ErrorCode} == {code.name for code in UserErrorCode}
    assert {code.name for code in OptionErrorCode} <= {code.name for code in UserErrorCode}


def test_the_path_of_a_mistake_is_one_into_the_arguments() -> None:
    path = ("retry_policy", "linear", "stepSeconds")
    mistakes = [
        Mistake(code=ErrorCode.INVALID, message="Wrong.", path=path),
        Mistake(code=ErrorCode.TAKEN, message="Twice."),
        Mistake(code=ErrorCode.NOT_FOUND, message="Gone."),
    ]

    assert [error.field for error in user_errors(Refused(*mistakes))] == [
        ["input", "retryPolicy", "linear", "stepSeconds"],
        None,
        ["id"],
    ]

from __future__ import annotations

import logging

import pytest
import strawberry
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client
from django.urls import path
from pytest_django import Settings

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


def find_nobody(_: HttpRequest) -> None:
    raise OperationalError("no connection to the database, the password is hunter2")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.usefixtures("db")
def test_a_failure_outside_of_any_field_is_hidden_and_logged_under_a_request_id(
    settings: Settings, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    settings.DEBUG = debug
    settings.WEBHOOK_REQUEST_OWNER = f"{__name__}.find_nobody"

    answer = Client().post(
        "/graphql/", {"query": "{ viewer { id } }"}, content_type="application/json"
    )

    [error] = answer.json()["errors"]
    [record] = [record for record in caplog.records if record.name == "api.errors"]
    assert answer.status_code == 500
    assert answer.json().keys() == {"errors"}
    assert error["extensions"].keys() == {"code", "requestId"}
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["requestId"] in record.getMessage()
    assert "hunter2" not in answer.text
    assert "hunter2" in str(record.exc_info)


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

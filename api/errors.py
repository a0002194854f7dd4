"""Errors as callers see them: mistakes to put right, and requests that could not be carried out.

A mistake is data, `userErrors` in the payload of a mutation. A request that could not be carried
out is an error at the top level of the answer, with one of `RequestErrorCode` as
`extensions.code`; a document or variables that do not fit the schema have none.
"""

from __future__ import annotations

import enum
import logging
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.utils.str_converters import to_camel_case

from delivery.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLObjectType
    from strawberry.types import ExecutionContext, ExecutionResult

    from api.scopes import ApiTokenScope
    from delivery.errors import Mistake, Refused

logger = logging.getLogger(__name__)


@strawberry.enum(description="Kinds of mistake.")
class UserErrorCode(enum.Enum):
    """Kinds of mistake, by the names that `delivery.errors.ErrorCode` has for them."""

    REQUIRED = strawberry.enum_value("required", description="A value is missing or empty.")
    INVALID = strawberry.enum_value("invalid", description="A value is not of the right form.")
    OUT_OF_RANGE = strawberry.enum_value(
        "out_of_range", description="A number or a length is too small or too large."
    )
    TAKEN = strawberry.enum_value("taken", description="A value that must be unique is in use.")
    NOT_FOUND = strawberry.enum_value(
        "not_found", description="There is no such object, or none you may see."
    )
    FORBIDDEN_ADDRESS = strawberry.enum_value(
        "forbidden_address",
        description="The URL leads to an address that requests may not be sent to.",
    )
    FORBIDDEN_HEADER = strawberry.enum_value(
        "forbidden_header", description="A header that the system sets itself."
    )
    UNKNOWN_FIELD = strawberry.enum_value(
        "unknown_field", description="The payload of this kind of event has no such field."
    )
    UNSUPPORTED_MATCH = strawberry.enum_value(
        "unsupported_match",
        description="This way of matching does not work on a field of this type.",
    )
    INVALID_PATTERN = strawberry.enum_value(
        "invalid_pattern",
        description="The pattern is not a valid one, or could take too long to match.",
    )
    LIMIT_REACHED = strawberry.enum_value(
        "limit_reached", description="There are as many of these as there may be."
    )
    WRONG_STATE = strawberry.enum_value(
        "wrong_state", description="The object's state does not allow this."
    )
    CONFLICT = strawberry.enum_value(
        "conflict", description="The object was changed by someone else meanwhile."
    )


@strawberry.type(description="A mistake that the caller can put right.")
class UserError:
    """A mistake that the caller can put right."""

    message: str = strawberry.field(description="What is wrong, for people, in English.")
    code: UserErrorCode = strawberry.field(description="What is wrong, for programs.")
    field: list[str] | None = strawberry.field(
        description=(
            'The path to the input value at fault, such as `["input", "retryPolicy", "linear", '
            '"stepSeconds"]`. Null when no one value is at fault.'
        )
    )


def user_errors(refused: Refused) -> list[UserError]:
    """Return a refusal as callers see it, one error for each mistake."""
    return [
        UserError(
            message=mistake.message,
            code=UserErrorCode[mistake.code.name],
            field=_field(mistake),
        )
        for mistake in refused.mistakes
    ]


def _field(mistake: Mistake) -> list[str] | None:
    # What can be missing is the object that a mutation is about, which is named by `id`, or one
    # that belongs to it and is named by an argument of its own.
    if mistake.code is ErrorCode.NOT_FOUND:
        return [to_camel_case(name) for name in mistake.path or ("id",)]
    return ["input", *map(to_camel_case, mistake.path)] if mistake.path else None


class RequestErrorCode(enum.Enum):
    """Why a request was not carried out."""

    BAD_REQUEST = "BAD_REQUEST"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL = "INTERNAL"


class RequestError(GraphQLError):
    """A request was not carried out, for a reason that its sender may know."""

    def __init__(
        self, message: str, *, code: RequestErrorCode, extensions: Mapping[str, object] = {}
    ) -> None:
        super().__init__(message, extensions={"code": code.value, **extensions})
        self.code = code


class RateLimited(RequestError):  # noqa: N818 - the name of the code
    """A request was not carried out because its owner has written too often.

    `retry_after` is a whole number of seconds.
    """

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(
            message,
            code=RequestErrorCode.RATE_LIMITED,
            extensions={"retryAfterSeconds": retry_after},
        )
        self.retry_after = retry_after


def bad_request(message: str) -> RequestError:
    """Return the error for a request that cannot be understood, or asks for too much."""
    return RequestError(message, code=RequestErrorCode.BAD_REQUEST)


def unauthenticated(
    message: str = "Sign in, or send an API token in the header `Authorization: Bearer <token>`.",
) -> RequestError:
    """Return the error for a caller whom nobody knows."""
    return RequestError(message, code=RequestErrorCode.UNAUTHENTICATED)


def forbidden(scope: ApiTokenScope) -> RequestError:
    """Return the error for a token without a scope."""
    return RequestError(
        f"The API token lacks the scope {scope.name}. Use a token that has it.",
        code=RequestErrorCode.FORBIDDEN,
    )


def internal(cause: BaseException, *, at: object = "outside of any field") -> RequestError:
    """Return the error for a request that failed on our side, and log why under its ID."""
    request_id = uuid4().hex
    logger.error("Request %s failed: %s", request_id, at, exc_info=cause)
    return RequestError(
        "Something went wrong on our side. If it happens again, report the request ID.",
        code=RequestErrorCode.INTERNAL,
        extensions={"requestId": request_id},
    )


class Schema(strawberry.Schema):
    """A schema that shows callers their own mistakes and hides what is wrong on our side.

    The latter is logged with its traceback under the `requestId` that the caller is given.
    """

    def execute_sync(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Execute a document, as Strawberry does."""
        kinds = cast("GraphQLObjectType", self._schema.type_map["__Type"])
        # Strawberry's own fails for a list and for what may not be null. Each time, since all
        # schemas share the type, and another one of the project puts Strawberry's back.
        kinds.fields["isOneOf"].resolve = _is_one_of
        return super().execute_sync(*args, **kwargs)

    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,
    ) -> None:
        """Replace what callers must not see."""
        # In place, because every way of executing returns this very list.
        errors[:] = [error if _is_callers_own(error) else _masked(error) for error in errors]


def _is_one_of(kind: object, _info: object) -> bool:
    if not isinstance(kind, GraphQLInputObjectType):
        return False
    ours = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return ours is not None and bool(ours.is_one_of)


def _is_callers_own(error: GraphQLError) -> bool:
    # Bad variables are errors that were caused by errors of GraphQL's own.
    return error.original_error is None or isinstance(
        error.original_error, GraphQLError | StrawberryInputCoercionError
    )


def _masked(error: GraphQLError) -> GraphQLError:
    cause = error.original_error or error
    shown = internal(cause, at=error.path)
    return GraphQLError(
        shown.message, nodes=error.nodes, path=error.path, extensions=shown.extensions
    )

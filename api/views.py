"""The GraphQL endpoint: JSON in by POST, JSON out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from api.access import RequestContext
from api.authentication import authenticate
from api.errors import RateLimited, RequestError, RequestErrorCode, bad_request, internal

if TYPE_CHECKING:
    from graphql import GraphQLError
    from strawberry.types import ExecutionResult

    from api.errors import Schema

_MAX_BODY_BYTES = 1_000_000
# GraphQL's own messages repeat what was given, whole objects among it. Secrets can be in there, and
# errors are what clients write into their logs.
_WHAT_WAS_GIVEN = re.compile(
    r"(?:[.,;?] found|(?<=a non string value)): .*|(?<=String) ['\"].*",
    re.DOTALL | re.IGNORECASE,
)
# A value that is told of can be as long as the body.
_LONGEST_MESSAGE = 1_000
_STATUSES = {
    RequestErrorCode.BAD_REQUEST: 400,
    RequestErrorCode.UNAUTHENTICATED: 401,
    RequestErrorCode.FORBIDDEN: 403,
    RequestErrorCode.RATE_LIMITED: 429,
    RequestErrorCode.INTERNAL: 500,
}


@dataclass(frozen=True, kw_only=True)
class _Operation:
    document: str
    variables: dict[str, Any]
    name: str | None


def graphql_view(schema: Schema) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view that answers for a schema.

    The body is a GraphQL response, without `data` if nothing was carried out. Its status is 400 for
    a request that cannot be understood or asks for too much, 401 for a token that is not valid, 403
    for a session without the CSRF token, 405 for another method than POST, 429 for an owner who
    writes too often, 500 for one that failed on our side as a whole, and 200 for everything else.
    """

    # `authenticate` makes both checks; that of CSRF for sessions only.
    @login_not_required
    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        try:
            if request.method != "POST":
                return _refuse_method()
            operation = _read_operation(request)
            caller = authenticate(request, now=timezone.now())
            context = RequestContext(request=request, response=HttpResponse(), caller=caller)
            return _answer(_execute(schema, operation, context))
        except RequestError as error:
            return _refusal(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets no page of Django's
            return _refusal(internal(error))

    return view


def _refuse_method() -> HttpResponse:
    response = _refusal(bad_request("Send the request by POST."))
    response.status_code = 405
    response["Allow"] = "POST"
    return response


def _read_operation(request: HttpRequest) -> _Operation:
    if request.content_type != "application/json":
        raise bad_request("Send the request as JSON, with Content-Type: application/json.")
    try:
        body = request.read(_MAX_BODY_BYTES + 1)
    except UnreadablePostError:
        raise bad_request("The body ended before it was complete.") from None
    if len(body) > _MAX_BODY_BYTES:
        raise bad_request(f"The body may have {_MAX_BODY_BYTES} bytes at most.")
    try:
        # Decoded first: left to itself, `json` would guess at other encodings.
        request_json = json.loads(
            body.decode(), parse_constant=_read_float, parse_float=_read_float
        )
    except (ValueError, RecursionError):
        raise bad_request(
            "The body is not JSON in UTF-8, is nested too deeply, or holds a number beyond bounds."
        ) from None
    return _parse_operation(request_json)


def _read_float(text: str) -> float:
    number = float(text)
    # JSON has neither NaN nor infinity, in which 1e400 would end.
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _parse_operation(request_json: object) -> _Operation:
    match request_json:
        case {"query": str(document), **rest} if document.strip():
            variables, name = rest.get("variables"), rest.get("operationName")
        case _:
            raise bad_request('Send one JSON object with the document as the text "query".')
    if not isinstance(variables, dict | None):
        raise bad_request('"variables" must be an object or null.')
    if not isinstance(name, str | None):
        raise bad_request('"operationName" must be a text or null.')
    return _Operation(document=document, variables=variables or {}, name=name)


def _execute(schema: Schema, operation: _Operation, context: RequestContext) -> ExecutionResult:
    try:
        result = schema.execute_sync(
            operation.document,
            variable_values=operation.variables,
            operation_name=operation.name,
            context_value=context,
        )
    except CannotGetOperationTypeError:
        raise bad_request("The document has no such operation. Check operationName.") from None
    except InvalidOperationTypeError:
        raise bad_request("Queries and mutations can be sent here, nothing else.") from None
    for error in result.errors or ():
        if _was_not_executed(result) and isinstance(error, RequestError):
            raise error
    return result


def _was_not_executed(result: ExecutionResult) -> bool:
    # All fields at the root may be null, so that no error of one takes all the data with it.
    return result.data is None


def _answer(result: ExecutionResult) -> HttpResponse:
    answer: dict[str, object] = {} if _was_not_executed(result) else {"data": result.data}
    if result.errors:
        answer["errors"] = [_shown(error) for error in result.errors]
    return JsonResponse(answer)


def _shown(error: GraphQLError) -> dict[str, object]:
    message = _WHAT_WAS_GIVEN.sub(".", error.message)
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[:_LONGEST_MESSAGE]}…"
    return {**error.formatted, "message": message}


def _refusal(error: RequestError) -> HttpResponse:
    response = JsonResponse({"errors": [_shown(error)]}, status=_STATUSES[error.code])
    if error.code is RequestErrorCode.UNAUTHENTICATED:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RateLimited):
        response["Retry-After"] = str(error.retry_after)
    return response

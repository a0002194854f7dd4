"""The GraphQL endpoint: JSON in by POST, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from api.access import RequestContext
from api.authentication import authenticate
from api.errors import RequestError, RequestErrorCode, bad_request

if TYPE_CHECKING:
    from strawberry.types import ExecutionResult

    from api.errors import Schema

_MAX_BODY_BYTES = 1_000_000
_STATUSES = {
    RequestErrorCode.BAD_REQUEST: 400,
    RequestErrorCode.UNAUTHENTICATED: 401,
    RequestErrorCode.FORBIDDEN: 403,
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
    for a session without the CSRF token, and 200 for everything else.
    """

    # `authenticate` makes the check, for sessions only.
    @csrf_exempt
    @require_POST
    def view(request: HttpRequest) -> HttpResponse:
        try:
            operation = _read_operation(request)
            caller = authenticate(request, now=timezone.now())
            context = RequestContext(request=request, response=HttpResponse(), caller=caller)
            result = _execute(schema, operation, context)
        except RequestError as error:
            return _refusal(error)
        return _answer(result)

    return view


def _read_operation(request: HttpRequest) -> _Operation:
    if request.content_type != "application/json":
        raise bad_request("Send the request as JSON, with Content-Type: application/json.")
    body = request.read(_MAX_BODY_BYTES + 1)
    if len(body) > _MAX_BODY_BYTES:
        raise bad_request(f"The body may have {_MAX_BODY_BYTES} bytes at most.")
    try:
        # Decoded first: left to itself, `json` would guess at other encodings.
        request_json = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise bad_request("The body is not JSON in UTF-8, or is nested too deeply.") from None
    return _parse_operation(request_json)


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)


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
        answer["errors"] = [error.formatted for error in result.errors]
    return JsonResponse(answer)


def _refusal(error: RequestError) -> HttpResponse:
    response = JsonResponse({"errors": [error.formatted]}, status=_STATUSES[error.code])
    if error.code is RequestErrorCode.UNAUTHENTICATED:
        response["WWW-Authenticate"] = "Bearer"
    return response

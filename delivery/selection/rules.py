"""Which selections may be stored: fields that the event type's object type has, and nothing else.

The words of a selection are looked at first, one by one. What passes holds names and braces only,
and a bounded number of them, so that no text can keep GraphQL's own parser and rules busy.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    FieldsOnCorrectTypeRule,
    GraphQLError,
    Lexer,
    ScalarLeafsRule,
    Source,
    Token,
    TokenKind,
    parse,
    validate,
)

from delivery.errors import ErrorCode, Mistake, not_storable
from delivery.selection.schema import payload_schema
from events.event import EventType
from events.texts import is_storable

MAX_LENGTH = 2_000
MAX_DEPTH = 12
MAX_FIELDS = 200

_MOST_ERRORS = 5
# The other rules are about words that have no place here.
_RULES = (FieldsOnCorrectTypeRule, ScalarLeafsRule)
_SHAPE = "A selection is one pair of braces with fields within, such as `{ id }`, and nothing else."
_NO_PLACE = {
    TokenKind.AT: "A selection takes no directives.",
    TokenKind.COLON: "A selection takes no aliases: fields keep the names that the payload has.",
    TokenKind.DOLLAR: "A selection takes no variables.",
    TokenKind.PAREN_L: "The fields of a payload take no arguments.",
    TokenKind.SPREAD: "A selection takes no fragments. Name the fields themselves.",
}


def selection_mistakes(
    event_type: EventType, selection: str, *, path: tuple[str, ...]
) -> Iterator[Mistake]:
    """Find what keeps a selection from being one of the payload of an event type.

    The empty text stands for all of the payload and has no mistake. `path` leads to the selection.
    Every text has an answer, however long or deep.
    """
    if len(selection) > MAX_LENGTH:
        message = f"A selection may have {MAX_LENGTH:,} characters at most, not {len(selection):,}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)
    elif not is_storable(selection):
        yield not_storable("selection", path=path)
    elif selection:
        for error in _errors(event_type, Source(selection)):
            code = (
                ErrorCode.OUT_OF_RANGE if isinstance(error, _TooLargeError) else ErrorCode.INVALID
            )
            yield Mistake(code=code, message=_told(error), path=path)


class _TooLargeError(GraphQLError):
    """A selection has more than it may have."""


def _errors(event_type: EventType, source: Source) -> list[GraphQLError]:
    try:
        _check_words(source)
        document = parse(source)
    except GraphQLError as error:
        return [error]
    schema = payload_schema(event_type)
    # Bounded, for an unknown field is compared with all that there are, to guess what was meant.
    return validate(schema, document, _RULES, max_errors=_MOST_ERRORS)


def _told(error: GraphQLError) -> str:
    if not error.locations:
        return error.message
    place = error.locations[0]
    return f"Line {place.line}, column {place.column}: {error.message}"


def _check_words(source: Source) -> None:
    lexer = Lexer(source)
    depth, fields, last = 0, 0, lexer.token.kind
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        if problem := _problem(token, last=last, depth=depth):
            raise GraphQLError(problem, source=source, positions=[token.start])
        depth += (token.kind is TokenKind.BRACE_L) - (token.kind is TokenKind.BRACE_R)
        fields += token.kind is TokenKind.NAME
        if depth > MAX_DEPTH or fields > MAX_FIELDS:
            problem = f"A selection may have {MAX_FIELDS} fields at most, {MAX_DEPTH} deep."
            raise _TooLargeError(problem, source=source, positions=[token.start])
        last = token.kind


def _problem(token: Token, *, last: TokenKind, depth: int) -> str | None:
    if depth == 0 and (last, token.kind) != (TokenKind.SOF, TokenKind.BRACE_L):
        return _SHAPE
    # These names GraphQL keeps for itself, and answers without a rule.
    if token.value and token.value.startswith("__"):
        return f"`{token.value}` is not a field of the payload."
    # GraphQL's parser lets this pass.
    if (last, token.kind) == (TokenKind.BRACE_L, TokenKind.BRACE_R):
        return "Name at least one field between the braces."
    return _NO_PLACE.get(token.kind)

"""Who asks, and what they may: callers, and the scopes that fields require.

A root field is protected by the extension that also marks it in the schema:

    @strawberry.field(extensions=[RequiresScope(ApiTokenScope.WEBHOOKS_READ)])

or, where there is nothing else to say about it,

    @scoped_field(ApiTokenScope.WEBHOOKS_READ, description="…")

A field within an object that leads to objects of another kind is protected in the same way; a
field at the root is then refused to callers who lack what anything selected within it needs. Where
a field leads to objects of several kinds (`node`), nothing is marked, and its resolver asks
`may(info, scope)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import strawberry
from django.db import models
from graphql import get_named_type
from strawberry.django.context import StrawberryDjangoContext
from strawberry.extensions import FieldExtension
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location

from api.documents import Document
from api.errors import forbidden, unauthenticated
from api.models import ApiToken
from api.scopes import ApiTokenScope
from delivery.audit import Actor, ActorKind

if TYPE_CHECKING:
    from strawberry.extensions.field_extension import SyncExtensionResolver
    from strawberry.types.field import StrawberryField

__all__ = [
    "ApiTokenScope",
    "Caller",
    "RequestContext",
    "RequiresScope",
    "actor_of",
    "caller_of",
    "may",
    "owner_of",
    "scoped_field",
    "scopes_of",
]

Resolver = TypeVar("Resolver", bound=Callable[..., object])


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A person who is signed in, or a program with a token, and the owner they act for."""

    id: str
    name: str
    owner: models.Model
    scopes: frozenset[ApiTokenScope]
    token: ApiToken | None


@dataclass
class RequestContext(StrawberryDjangoContext):
    """What resolvers know about the request; `caller` is None for one who is not signed in."""

    caller: Caller | None = None


def caller_of(info: strawberry.Info) -> Caller | None:
    """Return who asks, or None for somebody who is not signed in."""
    return cast("RequestContext", info.context).caller


def owner_of(info: strawberry.Info) -> models.Model:
    """Return whom the caller acts for; raises the UNAUTHENTICATED error if there is no caller."""
    return _signed_in(info).owner


def actor_of(info: strawberry.Info) -> Actor:
    """Return the caller as the audit trail names them; raises the UNAUTHENTICATED error."""
    caller = _signed_in(info)
    kind = ActorKind.TOKEN if caller.token else ActorKind.PERSON
    return Actor(kind=kind, id=caller.id, name=caller.name)


def may(info: strawberry.Info, scope: ApiTokenScope) -> bool:
    """Return whether the caller has a scope; somebody who is not signed in has none."""
    return scope in scopes_of(info)


def scopes_of(info: strawberry.Info) -> frozenset[ApiTokenScope]:
    """Return what the caller may do, nothing for somebody who is not signed in."""
    caller = caller_of(info)
    return caller.scopes if caller else frozenset()


@strawberry.schema_directive(
    name="requiresScope",
    locations=[Location.FIELD_DEFINITION],
    description=(
        "The scope an API token must have to use this field. "
        "People who are signed in have every scope."
    ),
)
class ScopeDirective:
    """The mark of a protected field in the schema."""

    scope: ApiTokenScope


class RequiresScope(FieldExtension):
    """Opens a field to callers with a scope only, and says so in the schema."""

    def __init__(self, scope: ApiTokenScope) -> None:
        self._scope = scope

    def apply(self, field: StrawberryField) -> None:
        """Mark the field, once however many schemas it becomes part of."""
        directive = ScopeDirective(scope=self._scope)
        if directive not in field.directives:
            field.directives = [*field.directives, directive]

    def resolve(
        self, next_: SyncExtensionResolver, source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        """Resolve the field, or raise the UNAUTHENTICATED or the FORBIDDEN error."""
        scopes = _signed_in(info).scopes
        # A field at the root is refused for what is selected within it, too: what a mutation does
        # cannot be undone by an error in its answer.
        within = _scopes_within(info) if info.path.prev is None else ()
        for needed in (self._scope, *within):
            if needed not in scopes:
                raise forbidden(needed)
        return next_(source, info, **kwargs)


def _scopes_within(info: strawberry.Info) -> Iterator[ApiTokenScope]:
    raw = info._raw_info  # noqa: SLF001 - the only door
    document = Document(
        schema=raw.schema, fragments=raw.fragments, variables=dict(info.variable_values)
    )
    for node in raw.field_nodes:
        for field in document.all_fields(node, of=get_named_type(raw.return_type)):
            ours = field.definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            for directive in getattr(ours, "directives", ()):
                if isinstance(directive, ScopeDirective):
                    yield directive.scope


def scoped_field(scope: ApiTokenScope, *, description: str) -> Callable[[Resolver], Resolver]:
    """Make a resolver a field, be it of queries or of mutations, that requires a scope."""
    # Strawberry's decorators are typed as giving anything, so that they can be assigned as well.
    return cast(
        "Callable[[Resolver], Resolver]",
        strawberry.field(extensions=[RequiresScope(scope)], description=description),
    )


def _signed_in(info: strawberry.Info) -> Caller:
    caller = caller_of(info)
    if caller is None:
        raise unauthenticated()
    return caller

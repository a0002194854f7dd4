"""What an option is, and what can be wrong with a setting of one."""

from collections.abc import Iterable
from dataclasses import MISSING, dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Any


class OptionKind(Enum):
    """What an option holds. The value is what a message asks for."""

    INTEGER = "a whole number"
    NUMBER = "a number"
    TEXT = "a text"
    BOOLEAN = "true or false"
    SECONDS = "a whole number of seconds"
    SECONDS_LIST = "a list of whole numbers of seconds"


@dataclass(frozen=True)
class Between:
    """Bounds of a number or of a span of time, or of each span of a list; both ends allowed."""

    minimum: float | timedelta
    maximum: float | timedelta


@dataclass(frozen=True)
class Length:
    """How many characters a text, or entries a list, may have; both ends allowed."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class Secret:
    """Marks a text that is never shown again; with `hint`, its last four characters are."""

    hint: bool = False


@dataclass(frozen=True, kw_only=True)
class Option:
    """One field of a dataclass, as those outside see it.

    `key` names it in storage and in GraphQL. `default` is a value of the field's own type, or
    `dataclasses.MISSING`. `minimum` and `maximum` are in stored units (seconds for a `timedelta`);
    every kind of number has them. Every text and list has the lengths. `secret` is there for a
    text that is one.
    """

    name: str
    key: str
    kind: OptionKind
    description: str
    default: Any
    minimum: float | None
    maximum: float | None
    min_length: int | None
    max_length: int | None
    secret: Secret | None = None

    @property
    def is_secret(self) -> bool:
        """Whether a value must never be shown."""
        return self.secret is not None

    @property
    def is_required(self) -> bool:
        """Whether a value must be given."""
        return self.default is MISSING


class OptionErrorCode(Enum):
    """In what way a setting is wrong."""

    REQUIRED = auto()
    INVALID = auto()
    OUT_OF_RANGE = auto()


@dataclass(frozen=True, kw_only=True)
class OptionError:
    """One thing that is wrong with settings; `path` leads by keys and list positions to it."""

    path: tuple[str, ...]
    code: OptionErrorCode
    message: str


class InvalidOptions(ValueError):  # noqa: N818 - names what was given, as its readers do
    """Settings were refused; `errors` holds everything that is wrong with them."""

    def __init__(self, errors: Iterable[OptionError]) -> None:
        self.errors = tuple(errors)
        super().__init__(" ".join(error.message for error in self.errors))

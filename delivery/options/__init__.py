"""The fields of a frozen dataclass as options: described, validated and stored from one source."""

from delivery.options.choice import Choice, Choices, Kind, StoredChoice
from delivery.options.declaration import options_of
from delivery.options.option import (
    Between,
    InvalidOptions,
    Length,
    Option,
    OptionError,
    OptionErrorCode,
    OptionKind,
    Secret,
)
from delivery.options.settings import dump_options, options_schema, parse_options

__all__ = [
    "Between",
    "Choice",
    "Choices",
    "InvalidOptions",
    "Kind",
    "Length",
    "Option",
    "OptionError",
    "OptionErrorCode",
    "OptionKind",
    "Secret",
    "StoredChoice",
    "dump_options",
    "options_of",
    "options_schema",
    "parse_options",
]

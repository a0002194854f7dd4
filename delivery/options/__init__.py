"""The fields of a frozen dataclass as options: described, validated and stored from one source."""

from delivery.options.declaration import options_of
from delivery.options.option import (
    Between,
    InvalidOptions,
    Length,
    Option,
    OptionError,
    OptionErrorCode,
    OptionKind,
)
from delivery.options.settings import dump_options, options_schema, parse_options

__all__ = [
    "Between",
    "InvalidOptions",
    "Length",
    "Option",
    "OptionError",
    "OptionErrorCode",
    "OptionKind",
    "dump_options",
    "options_of",
    "options_schema",
    "parse_options",
]

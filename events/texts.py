"""Which texts every database can hold."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Return whether a text is free of NUL and of lone surrogates.

    PostgreSQL has no NUL in texts, and half of a surrogate pair has no UTF-8 form.
    """
    return _UNSTORABLE.search(text) is None

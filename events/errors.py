"""What can be wrong with an event class or an event, each said in one sentence with its cure."""


class InvalidEventClass(TypeError):  # noqa: N818 - named for what it finds, as all errors here
    """An event class cannot be used as it is written; raised when the class is defined."""


class InvalidPayload(ValueError):  # noqa: N818 - as above
    """A value does not fit its event type.

    `path` leads to the value at fault, such as `("customer", "email")`; it is empty for the
    payload as a whole.
    """

    def __init__(self, message: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(f"{'.'.join(path)}: {message}" if path else message)
        self.path = path


class ConflictingKey(ValueError):  # noqa: N818 - as above
    """An event with the same key but another payload was published before."""

"""What is registered by name: event types, retry policies and whatever else a project can add."""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Generic, TypeVar

T = TypeVar("T")


class AlreadyRegistered(ValueError):  # noqa: N818 - reads as the sentence that it is
    """A name was registered a second time; the first registration stays."""


class NotRegistered(LookupError):  # noqa: N818 - reads as the sentence that it is
    """Nothing is registered under the name that was asked for."""


class RegistryClosed(RuntimeError):  # noqa: N818 - reads as the sentence that it is
    """A registration came after something had been built from the registry."""


class Registry(Generic[T]):
    """Keeps things of one sort by name, and fails loudly on duplicate and unknown names.

    Iterating gives the things themselves in the order of their names, so that whatever is built
    from a registry does not depend on the order of imports; `in` asks for a name.
    """

    def __init__(self, *, noun: str) -> None:
        """Make an empty registry; `noun` is what messages call one thing in it."""
        self._noun = noun
        self._items: dict[str, T] = {}
        self._closed_by: str | None = None

    def register(self, name: str, item: T) -> None:
        """Keep `item` under `name`.

        Raises:
            AlreadyRegistered: The name is taken, be it by the same item.
            RegistryClosed: Something was built from the registry already.
        """
        if self._closed_by is not None:
            raise RegistryClosed(
                f"The {self._noun} {name!r} comes too late: {self._closed_by} was built without "
                "it. Register it in its app's webhooks.py, which is imported at start."
            )
        if name in self._items:
            raise AlreadyRegistered(
                f"The {self._noun} {name!r} is already {self._items[name]!r}. "
                "Give one of the two another name."
            )
        self._items[name] = item

    def get(self, name: str) -> T:
        """Give what is registered under `name`.

        Raises:
            NotRegistered: Nothing is; the message lists what there is.
        """
        if name not in self._items:
            raise NotRegistered(self._unknown(name))
        return self._items[name]

    def find(self, name: str) -> T | None:
        """Give what is registered under `name`, or None."""
        return self._items.get(name)

    def names(self) -> tuple[str, ...]:
        """List the names, sorted."""
        return tuple(sorted(self._items))

    def close(self, *, by: str) -> None:
        """Refuse registrations from now on; `by` names what was built, such as "the schema"."""
        self._closed_by = by

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """Forget at the end what is registered inside, for tests; open even if closed before."""
        items, closed_by = dict(self._items), self._closed_by
        self._closed_by = None
        try:
            yield
        finally:
            self._items, self._closed_by = items, closed_by

    def __iter__(self) -> Iterator[T]:
        return iter([self._items[name] for name in self.names()])

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def _unknown(self, name: str) -> str:
        close = get_close_matches(name, self._items, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        known = f"Registered: {', '.join(self.names())}." if self._items else "None is registered."
        return (
            f"There is no {self._noun} named {name!r}.{hint} {known} "
            "A new one is registered in its app's webhooks.py."
        )

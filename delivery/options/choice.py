"""Classes of options that are chosen by name: what writing one takes, and how one is stored."""

from __future__ import annotations

import keyword
import re
from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from delivery.options.declaration import options_of
from delivery.options.option import InvalidOptions
from delivery.options.settings import dump_options, parse_options
from delivery.registration import check_class, description_of
from events.fields import JsonValue
from events.registry import NotRegistered, Registry


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a registered class is, to those who choose one."""

    name: str
    description: str
    is_custom: bool


class Choice(ABC):
    """Something chosen by a name, with options; what is secret is not in its `repr`."""

    kind: ClassVar[Kind]

    @property
    def name(self) -> str:
        """The name that it is chosen by."""
        return self.kind.name

    def __repr__(self) -> str:
        shown = (
            f"{option.name}={getattr(self, option.name)!r}"
            for option in options_of(type(self))
            if not option.is_secret
        )
        return f"{type(self).__qualname__}({', '.join(shown)})"


@dataclass(frozen=True, kw_only=True)
class StoredChoice:
    """A choice as a row keeps it: the registered name and the settings."""

    name: str
    settings: Mapping[str, JsonValue] = field(repr=False)

    def to_json(self) -> dict[str, JsonValue]:
        """Write it as `{"name": …, "settings": {…}}`."""
        return {"name": self.name, "settings": dict(self.settings)}

    @classmethod
    def from_json(cls, stored: Mapping[str, JsonValue]) -> StoredChoice:
        """Read what `to_json` wrote.

        Raises:
            ValueError: It is something else; the message does not repeat it, for it may be secret.
        """
        match stored:
            case {"name": str(name), "settings": Mapping() as settings, **rest} if not rest:
                return cls(name=name, settings=settings)
            case _:
                raise ValueError("This is no stored choice. One has a name and settings.")


AnyChoice = TypeVar("AnyChoice", bound=Choice)
Subclass = TypeVar("Subclass", bound=Choice)


class Choices(Registry[type[AnyChoice]]):
    """The classes to choose from by name.

    They derive from `base` and define its `method`. `check` refuses what is wrong with one beyond
    what is wrong with any.
    """

    def __init__(
        self, *, noun: str, base: type, method: str, check: Callable[[type], None] | None = None
    ) -> None:
        super().__init__(noun=noun)
        self._base, self._method, self._check = base, method, check

    def add(self, cls: type[Subclass], *, name: str, is_custom: bool) -> type[Subclass]:
        """Make a class a frozen dataclass of options, and let it be chosen by `name`.

        Raises:
            TypeError: The class, a field, its docstring or its method is not as it must be.
            ValueError: The name is no camelCase identifier, a word of Python, or reserved.
            InvalidOptions: The defaults break a rule of the class's own `validate`.
            AlreadyRegistered: Another class has the name.
            RegistryClosed: The classes have been read already.
        """
        self._check_name(name)
        check_class(cls, base=self._base, method=self._method, noun=self._noun)
        is_ready = "__dataclass_fields__" in vars(cls)
        made: Any = cls if is_ready else dataclass(frozen=True, kw_only=True, repr=False)(cls)
        self._check_fields(made)
        self.register(name, made)
        made.kind = Kind(name=name, description=description_of(made), is_custom=is_custom)
        return made  # type: ignore[no-any-return]  # the class itself, which `dataclass` returns

    def store(self, choice: Choice) -> StoredChoice:
        """Write a choice in its stored form.

        Raises:
            NotRegistered: Its class is not registered.
            InvalidOptions: It holds something that could not be read back.
        """
        # A subclass of a registered class has its name as well, and is still something else.
        if type(choice) not in list(self):
            raise NotRegistered(
                f"{type(choice).__qualname__} is not registered. Decorate it as every "
                f"{self._noun} is."
            )
        return StoredChoice(name=choice.name, settings=dump_options(choice))

    def load(self, stored: StoredChoice) -> AnyChoice | None:
        """Read a choice from its stored form, or return None if that cannot be done any more.

        Its class may be gone, or refuse the settings that it once accepted.
        """
        cls = self.find(stored.name)
        try:
            return parse_options(cls, stored.settings) if cls else None
        except InvalidOptions:
            return None

    def _check_name(self, name: str) -> None:
        if not re.fullmatch("[a-z][A-Za-z0-9]*", name):
            raise ValueError(
                f"The {self._noun} cannot be named {name!r}, for GraphQL could not carry it. "
                "Name it in camelCase, such as 'businessHours'."
            )
        if keyword.iskeyword(name):
            raise ValueError(
                f"The {self._noun} cannot be named {name!r}: it is a word of Python's own. "
                "Choose another name."
            )
        if name == "unregistered":
            raise ValueError(
                f"The {self._noun} cannot be named 'unregistered': this is what one is called "
                "whose class is gone. Choose another name."
            )

    def _check_fields(self, cls: Any) -> None:  # Any: typeshed has no type for dataclasses.
        where = cls.__qualname__
        if not cls.__dataclass_params__.frozen or not all(each.kw_only for each in fields(cls)):
            raise TypeError(f"{where} must be @dataclass(frozen=True, kw_only=True).")
        for name in [each.name for each in fields(cls)]:
            if name == "kind" or hasattr(self._base, name):
                raise TypeError(f"{where}.{name} hides what every {self._noun} has. Rename it.")
        if self._check:
            self._check(cls)
        options = options_of(cls)
        if cls.__repr__ is not Choice.__repr__ and any(option.is_secret for option in options):
            raise TypeError(f"{where} has a repr of its own, which may show secrets. Remove it.")
        if not any(option.is_required for option in options):
            parse_options(cls, {})

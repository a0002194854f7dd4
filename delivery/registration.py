"""What it takes to write a class that is registered by name, checked when it is defined."""

import inspect
from collections.abc import Callable

from events.fields import first_paragraph


def check_class(cls: type, *, base: type, method: str, noun: str) -> None:
    """Refuse a class that could not do as a `noun`.

    Raises:
        TypeError: It does not derive from `base`, lacks a docstring or `method`, or defines
            `method` so that it cannot be called as that of `base` is.
    """
    where = cls.__qualname__
    if not issubclass(cls, base):
        raise TypeError(f"{where} is no {noun}. Derive it from {base.__name__}.")
    if inspect.isabstract(cls):
        raise TypeError(f"{where} lacks `{method}`. Define it as {base.__name__} does.")
    _check_method(cls, base=base, method=method)
    if not description_of(cls):
        raise TypeError(f"{where} lacks a docstring. Say in it what the {noun} does.")


def description_of(described: Callable[..., object]) -> str:
    """Return the first paragraph of a class's or a function's docstring, empty for none."""
    text = inspect.cleandoc(described.__doc__ or "")
    # A dataclass without a docstring is given its signature for one.
    if text.startswith(f"{described.__name__}("):
        return ""
    return first_paragraph(text)


def _check_method(cls: type, *, base: type, method: str) -> None:
    wanted = inspect.signature(getattr(base, method))
    by_name = [each for each in wanted.parameters.values() if each.kind is each.KEYWORD_ONLY]
    by_position = len(wanted.parameters) - len(by_name)
    try:
        inspect.signature(getattr(cls, method)).bind(
            *[None] * by_position, **{each.name: None for each in by_name}
        )
    except TypeError as error:
        bare = [each.replace(annotation=each.empty) for each in wanted.parameters.values()]
        raise TypeError(
            f"{cls.__qualname__}.{method} cannot be called as it will be ({error}). Define it as "
            f"{method}{wanted.replace(parameters=bare, return_annotation=wanted.empty)}."
        ) from None

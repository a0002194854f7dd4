"""What Django knows of a model."""

from typing import Any

from django.db import models
from django.db.models.options import Options


def meta_of(model: type[models.Model]) -> "Options[Any]":
    """Return the options of a model, which are public though their name is not."""
    return model._meta  # noqa: SLF001 - public, says Django


def concrete_model_of(model: type[models.Model]) -> type[models.Model]:
    """Return the model whose table it is: the model itself unless it is a proxy."""
    return meta_of(model).concrete_model or model

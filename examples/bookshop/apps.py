"""The bookshop's Django app."""

from django.apps import AppConfig


class BookshopConfig(AppConfig):
    """A small shop whose books, people and parcels make events."""

    name = "examples.bookshop"
    label = "bookshop"
    default_auto_field = "django.db.models.BigAutoField"

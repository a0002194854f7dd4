"""A book that is saved by a form or in Django's admin is told of as one that is saved in code."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import User

from events import Event
from examples.bookshop.models import Book
from examples.bookshop.webhooks import BookAdded, BookChanged
from tests.services.programs import Program

SETTINGS = """
from examples.bookshop.settings import *
ALLOWED_HOSTS = ["testserver"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
INSTALLED_APPS += ["django.contrib.messages", "django.contrib.admin"]
MIDDLEWARE += ["django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
ROOT_URLCONF = "admin_urls"
"""
URLS = """
from django.contrib import admin
from django.urls import path
from examples.bookshop.models import Book
admin.site.register(Book)
urlpatterns = [path("admin/", admin.site.urls)]
"""
IN_THE_ADMIN = """
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from events.models import EventRecord
from examples.bookshop.models import Book

call_command("migrate", verbosity=0)
boss, client = User.objects.create_superuser("boss"), Client(raise_request_exception=True)
client.force_login(boss)
book = {"owner": boss.pk, "title": "Emma", "author": "Jane Austen", "pages": 474, "price": "9.90"}
books = "/admin/bookshop/book/"

assert client.post(f"{books}add/", book).status_code == 302
[number] = Book.objects.values_list("pk", flat=True)
assert client.post(f"{books}{number}/change/", book | {"price": "8.50"}).status_code == 302
assert client.post(f"{books}{number}/delete/", {"post": "yes"}).status_code == 302

for record in EventRecord.objects.order_by("pk"):
    print("told:", record.event_type, record.owner, record.payload)
"""


BookForm = forms.modelform_factory(Book, fields=["owner", "title", "author", "pages", "price"])


def test_r14_a_book_that_is_saved_in_code_or_by_a_form_is_told_of(
    owner: User, published: Callable[[], list[Event]]
) -> None:
    about: dict[str, Any] = {"title": "Emma", "author": "Jane Austen", "pages": 474}
    book = Book(owner=owner, price=Decimal("9.90"), **about)
    book.save()
    form = BookForm({**about, "owner": owner.pk, "price": "8.50"}, instance=book)

    form.save()

    assert published() == [
        BookAdded(book_id=book.pk, price=Decimal("9.90"), **about),
        BookChanged(book_id=book.pk, price=Decimal("8.50"), **about),
    ]


def test_r14_a_book_that_is_saved_in_the_admin_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "admin_settings.py").write_text(SETTINGS)
    (tmp_path / "admin_urls.py").write_text(URLS)
    env = {
        "DJANGO_SETTINGS_MODULE": "admin_settings",
        "PYTHONPATH": str(tmp_path),
        "HOOKLINE_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    with Program("-c", IN_THE_ADMIN, env=env, log=tmp_path / "log") as program:
        assert program.wait() == 0, program.output

    told = [line.split()[1:3] for line in program.output.splitlines() if line.startswith("told:")]
    assert told == [["book.added", "boss"], ["book.changed", "boss"], ["book.removed", "boss"]]
    assert program.output.count('"price":"8.50"') == 2


@pytest.mark.parametrize("bulk", ["update", "bulk_create"])
def test_bulk_operations_are_not_told_of(
    owner: User, emma: Book, published: Callable[[], list[Event]], bulk: str
) -> None:
    before = published()

    if bulk == "update":
        Book.objects.filter(pk=emma.pk).update(pages=1)
    else:
        Book.objects.bulk_create([Book(owner=owner, title="x", author="y", pages=1, price=1)])

    assert published() == before

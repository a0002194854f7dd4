"""What the shop keeps: books, the people who buy them, their orders and the packages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class PaymentMethod(models.TextChoices):
    """How an order can be paid."""

    CARD = "card"
    TRANSFER = "transfer"
    INVOICE = "invoice"


class PackageStatus(models.TextChoices):
    """Where a package is."""

    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


class Book(models.Model):
    """A book in a shop's catalogue; `price` is in euros."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    author = models.CharField(max_length=200)
    pages = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)

    def __str__(self) -> str:
        return f"{self.title} by {self.author}"

    @property
    def book_id(self) -> int:
        """The number in the catalogue."""
        return self.pk


class Person(models.Model):
    """Somebody who buys books; `secret` is for the shop alone and is in no event."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    address = models.TextField()
    email = models.EmailField(blank=True)
    secret = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def person_id(self) -> int:
        """The customer's number."""
        return self.pk


class Order(models.Model):
    """What a person ordered; unpaid while `paid_at` is empty."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="orders")
    is_gift = models.BooleanField(default=False)
    voucher = models.CharField(max_length=40, blank=True)
    payment_method = models.CharField(max_length=10, choices=PaymentMethod.choices, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Order {self.pk}"


class OrderLine(models.Model):
    """Copies of one book in an order; title and price stay what they were when it was placed."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    title = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    copies = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.title}, copies: {self.copies}"


class Package(models.Model):
    """An order on its way to the customer."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="packages")
    tracking_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    weight_kg = models.FloatField()
    status = models.CharField(
        max_length=10, choices=PackageStatus.choices, default=PackageStatus.PACKED
    )
    expected_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Package {self.tracking_id}"

    @property
    def owner(self) -> User:
        """Whose package it is: the order's owner."""
        return self.order.owner

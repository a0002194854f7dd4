"""No pages: nobody asks these processes for any."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

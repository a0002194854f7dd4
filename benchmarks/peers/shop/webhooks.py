"""What dj-whisperer is told about the shop's events; it looks for a module of this name."""

from rest_framework import serializers
from whisperer.events import WhispererEvent, registry

from benchmarks.peers.shop.models import Item


class _ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = "__all__"


class ItemMade(WhispererEvent):
    """An item was made."""

    serializer_class = _ItemSerializer
    event_type = "item-made"


registry.register(ItemMade)

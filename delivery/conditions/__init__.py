"""Conditions: what a payload must meet for its event to be sent to a webhook."""

from delivery.conditions.condition import PayloadCondition, PayloadMatch

__all__ = ["PayloadCondition", "PayloadMatch"]

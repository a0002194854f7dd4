"""Fan-out: from event records to one delivery for each webhook that wants the event."""

from delivery.fanout.steps import FannedOut, fan_out_step, fan_out_steps

__all__ = ["FannedOut", "fan_out_step", "fan_out_steps"]

"""Sending: plain values in, plain values out; no ORM and no Django."""

"""The engine: takes due deliveries, sends them and records how that ended."""

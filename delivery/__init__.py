"""Who is told of an event, and what became of it."""

"""What the tests run against: a real database, a real broker, a real endpoint, real programs."""

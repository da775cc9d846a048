"""The store of proctoring reports: its interface and its engines."""

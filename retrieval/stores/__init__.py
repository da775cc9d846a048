"""The vector stores: interfaces and engines."""

"""Tests that must be refused; tests/test_contracts.py runs them."""

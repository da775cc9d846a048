"""What can be read of analytics."""

"""What an event may be, and how a client's event becomes one."""

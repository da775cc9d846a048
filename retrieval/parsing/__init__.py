"""Files into text. Nothing in this package needs Django: it runs in a process of its own."""

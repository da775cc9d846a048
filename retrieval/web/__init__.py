"""Web pages from their servers: safely, politely, and only what is meant to be read."""

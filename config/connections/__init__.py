"""One client per engine and process: opened lazily, never before a fork, closed at exit."""

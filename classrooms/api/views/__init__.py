"""The API of classes, their members, join requests and rosters."""

"""Rosters as files: read from CSV and XLSX, checked, imported, written."""

"""What `bench/stores.py` measures: each store's calls, and the same work by the bare driver."""

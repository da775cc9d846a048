"""What the engines do when their servers are away, slow or refuse."""

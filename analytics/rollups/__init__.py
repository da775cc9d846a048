"""How events become rollups: plain computations, without any store."""

"""What every number that a notebook shows was computed from."""

"""What one notebook, or several, need beyond coverage, statistics and figures."""

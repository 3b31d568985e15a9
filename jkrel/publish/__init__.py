"""Executed notebooks → the site and the paper; this package alone imports what these need."""

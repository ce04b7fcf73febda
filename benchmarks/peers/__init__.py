"""What we compare with and had to write ourselves, as well as one can in a page."""

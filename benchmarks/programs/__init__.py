"""Programs to compare with that we had to write ourselves, as well as one can in a page. Each runs by itself."""

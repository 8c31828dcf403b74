"""Documents that people bring: how many pages a PDF has, and what a file of text says."""

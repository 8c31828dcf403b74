"""HTTP: the one client of the process, and bounded downloads."""

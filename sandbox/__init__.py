"""A loopback Discord, a loopback model and a page: Easel without a token or a key."""

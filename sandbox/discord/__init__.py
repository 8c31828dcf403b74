"""A strict Discord on the loopback: REST, gateway, CDN and simulated people."""

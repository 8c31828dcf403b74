"""The only room that knows matplotlib: figures drawn in a process of their own."""

"""Pictures as bytes: the only room that knows Pillow."""

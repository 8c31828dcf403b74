"""Examples may take as long as a busy machine needs."""

from hypothesis import settings

settings.register_profile("easel", deadline=None, max_examples=60)
settings.load_profile("easel")

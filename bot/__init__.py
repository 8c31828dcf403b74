"""Easel: an image studio and multimodal assistant for Discord servers."""

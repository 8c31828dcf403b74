"""Slash commands, buttons and forms: each parses, calls one service and renders."""

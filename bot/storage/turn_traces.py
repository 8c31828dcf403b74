"""What else tells of what a turn says: summaries of a conversation, and readings of its documents."""

from __future__ import annotations

DROP_SUMMARIES = """
    WITH RECURSIVE after (id) AS (
        SELECT :id UNION SELECT turn.id FROM turn JOIN after ON turn.parent_id = after.id
    )
    DELETE FROM turn_summary WHERE turn_id IN (SELECT id FROM after)
"""
"""What was summed up after a turn may speak of it."""
DROP_READINGS = """
    UPDATE turn SET annotations = '[]' WHERE speaker = 'easel' AND annotations <> '[]' AND id IN (
        WITH RECURSIVE after (id) AS (
            SELECT :id UNION SELECT turn.id FROM turn JOIN after ON turn.parent_id = after.id
        )
        SELECT id FROM after
    )
"""
"""What the provider noted of a document holds all of its words."""

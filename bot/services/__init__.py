"""What Easel does, without a word of Discord."""

"""What the operator can see: logs, metrics and health; never prompts, secrets or bytes."""

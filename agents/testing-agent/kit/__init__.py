"""What both reference agents stand on: the task, the model, the record, uses of a library, documentation of another."""

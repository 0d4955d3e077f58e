"""What may happen to a batch, its questions and its columns."""

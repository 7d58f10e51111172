"""The outbox at work: rules make drafts of decisions and scores, and what was approved is sent once."""

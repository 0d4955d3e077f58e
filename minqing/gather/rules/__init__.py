"""What gathering knows without a database: which question may be answered how."""

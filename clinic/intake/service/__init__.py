"""What people can do with forms: hand them over, answer them, sign, and take the answers into the record."""

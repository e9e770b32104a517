"""Pure decisions about people: reading entries and searches, comparing two descriptions of a person."""

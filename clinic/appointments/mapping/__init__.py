"""FHIR records to the values of the calendar and back."""

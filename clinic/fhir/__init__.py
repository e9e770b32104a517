"""The record store: every fact that FHIR has a resource for, with its full history."""

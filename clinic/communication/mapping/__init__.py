"""Calls, messages, tasks and orders to FHIR and back."""

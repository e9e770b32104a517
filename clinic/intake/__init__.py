"""Intake: forms handed to patients on a tablet, their answers, and what the desk makes of them."""

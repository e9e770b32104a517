"""Scheduling for programs: free and busy time, finding, holding and booking, and published free times."""

"""The published formats: what files, sockets and the API carry, as typed values. Imports nothing of ours."""

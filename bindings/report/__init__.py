"""The assurance case as one HTML page, made of the records of what was really run."""

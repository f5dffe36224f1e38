"""What must hold: the kernel language, the requirements, and the models the kernel is judged by."""
